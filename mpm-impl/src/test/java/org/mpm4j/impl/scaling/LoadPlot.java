package org.mpm4j.impl.scaling;

import java.util.List;

/// Draws loads and the workers that were there for them, as SVG: two panels beside each other, as
/// many rows as it takes. The colours do on light and on dark ground.
final class LoadPlot {
  private static final int WIDTH = 900;
  private static final int PANEL_WIDTH = 370;
  private static final int PANEL_HEIGHT = 190;
  private static final int LEFT = 60;
  private static final int TOP = 84;
  private static final int COLUMN = 440;
  private static final int ROW = 270;
  private static final String INK = "#808790";
  private static final String HTTPD = "#e0701a";
  private static final String MPM4J = "#2f7fe6";

  private final StringBuilder svg = new StringBuilder();
  private int panels;

  LoadPlot(String title, int panelCount) {
    int height = TOP + ROW * Math.ceilDiv(panelCount, 2);
    line(
        ("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %s %s\" width=\"%s\""
                + " height=\"%s\" role=\"img\" aria-label=\"%s\" font-family=\"sans-serif\""
                + " font-size=\"13\" fill=\"%s\">")
            .formatted(WIDTH, height, WIDTH, height, title, INK));
    line(
        "<text x=\"%s\" y=\"24\" font-size=\"16\" font-weight=\"bold\">%s</text>"
            .formatted(LEFT, title));
    line(
        ("<rect x=\"%s\" y=\"35\" width=\"22\" height=\"12\" fill-opacity=\"0.35\"/>"
                + "<text x=\"%s\" y=\"46\">requests to serve at a time</text>")
            .formatted(LEFT, LEFT + 30));
    legend(LEFT + 230, HTTPD, "3.5", "workers, httpd's rule");
    legend(LEFT + 420, MPM4J, "2", "workers, mpm4j");
  }

  private void legend(int x, String colour, String width, String text) {
    line(
        ("<path d=\"M%s 41h22\" stroke=\"%s\" stroke-width=\"%s\"/><text x=\"%s\""
                + " y=\"46\">%s</text>")
            .formatted(x, colour, width, x + 30, text));
  }

  /// Adds a panel. Each list has a value for each second.
  void panel(
      String title, int limit, List<Integer> demand, List<Integer> httpd, List<Integer> mpm4j) {
    int x = LEFT + panels % 2 * COLUMN;
    int y = TOP + panels / 2 * ROW;
    panels++;
    line("<g transform=\"translate(%s %s)\">".formatted(x, y));
    line("<text y=\"-8\" font-weight=\"bold\">%s</text>".formatted(title));
    for (int tick = 0; tick <= 4; tick++) {
      int at = PANEL_HEIGHT - PANEL_HEIGHT * tick / 4;
      line(
          ("<path d=\"M0 %sh%s\" stroke=\"%s\" stroke-opacity=\"%s\"/>"
                  + "<text x=\"-8\" y=\"%s\" text-anchor=\"end\">%s</text>")
              .formatted(at, PANEL_WIDTH, INK, tick == 0 ? "1" : "0.3", at + 4, limit * tick / 4));
    }
    for (int second = 0; second <= LoadTrace.SECONDS; second += 60) {
      int at = PANEL_WIDTH * second / LoadTrace.SECONDS;
      line(
          ("<path d=\"M%s %sv5\" stroke=\"%s\"/>"
                  + "<text x=\"%s\" y=\"%s\" text-anchor=\"middle\">%s</text>")
              .formatted(at, PANEL_HEIGHT, INK, at, PANEL_HEIGHT + 19, second));
    }
    line(
        "<text x=\"%s\" y=\"%s\" text-anchor=\"middle\">seconds</text>"
            .formatted(PANEL_WIDTH / 2, PANEL_HEIGHT + 36));
    line(
        "<text transform=\"translate(-42 %s) rotate(-90)\" text-anchor=\"middle\">workers</text>"
            .formatted(PANEL_HEIGHT / 2));
    line(
        "<path d=\"M0 %sL%sV%sz\" fill-opacity=\"0.35\"/>"
            .formatted(PANEL_HEIGHT, points(demand, limit), PANEL_HEIGHT));
    curve(httpd, limit, HTTPD, "3.5");
    curve(mpm4j, limit, MPM4J, "2");
    line("</g>");
  }

  private void curve(List<Integer> values, int limit, String colour, String width) {
    line(
        ("<path d=\"M%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"%s\""
                + " stroke-linejoin=\"round\"/>")
            .formatted(points(values, limit), colour, width));
  }

  private static String points(List<Integer> values, int limit) {
    StringBuilder points = new StringBuilder();
    for (int second = 0; second < values.size(); second++) {
      // tenths of a pixel, in whole numbers: the same on every machine
      int x = PANEL_WIDTH * 10 * second / (values.size() - 1);
      int y = PANEL_HEIGHT * 10 - PANEL_HEIGHT * 10 * values.get(second) / limit;
      points.append(second == 0 ? "" : "L").append(tenths(x)).append(' ').append(tenths(y));
    }
    return points.toString();
  }

  private static String tenths(int value) {
    return value % 10 == 0 ? Integer.toString(value / 10) : value / 10 + "." + value % 10;
  }

  private void line(String text) {
    svg.append(text).append('\n');
  }

  /// The whole drawing.
  String svg() {
    return svg + "</svg>\n";
  }
}
