package org.mpm4j.comparison;

import java.util.DoubleSummaryStatistics;
import java.util.List;

/// Requests per second of each server in one scenario, as SVG: the bar is the median, the line over
/// it goes from the least to the most. The colours do on light and on dark ground. Pure text.
final class BarChart {
  private static final int WIDTH = 760;
  private static final int LEFT = 190;
  private static final int RIGHT = 120;
  private static final int TOP = 44;
  private static final int ROW = 26;
  private static final int THICKNESS = 16;
  private static final String INK = "#808790";

  private BarChart() {}

  /// A server's row.
  private record Row(String title, String colour, double median, double least, double most) {}

  /// The whole drawing; servers without a number are left out.
  static String of(Report report, Scenario scenario) {
    List<Row> rows =
        report.settings().contenders().stream()
            .filter(it -> !report.results().of(it.word(), scenario).isEmpty())
            .map(it -> row(report.results(), it, scenario))
            .toList();
    double most = rows.stream().mapToDouble(Row::most).max().orElse(1);
    int height = TOP + ROW * rows.size() + 10;
    String title = "Requests per second: " + scenario.title();
    StringBuilder svg = new StringBuilder();
    svg.append(
        ("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %1$d %2$d\" width=\"%1$d\""
                + " height=\"%2$d\" role=\"img\" aria-label=\"%3$s\" font-family=\"sans-serif\""
                + " font-size=\"13\" fill=\"%4$s\">\n"
                + "<text x=\"10\" y=\"24\" font-size=\"15\" font-weight=\"bold\">%3$s</text>\n")
            .formatted(WIDTH, height, escaped(title), INK));
    for (int i = 0; i < rows.size(); i++) {
      svg.append(drawn(rows.get(i), TOP + ROW * i, most));
    }
    return svg.append("</svg>\n").toString();
  }

  private static Row row(Results results, Contender contender, Scenario scenario) {
    DoubleSummaryStatistics rates =
        results.of(contender.word(), scenario).stream()
            .mapToDouble(Measurement::requestsPerSecond)
            .summaryStatistics();
    double median =
        results.median(contender.word(), scenario, Measurement::requestsPerSecond).orElseThrow();
    String colour =
        switch (contender.kind()) {
          case MPM4J -> "#2f7fe6";
          case NATIVE -> "#e0701a";
          case JAVA -> "#3a9d5d";
          case FLOOR -> "#9a6fc4";
        };
    return new Row(contender.title(), colour, median, rates.getMin(), rates.getMax());
  }

  private static String drawn(Row row, int y, double most) {
    int middle = y + THICKNESS / 2;
    return ("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>"
            + "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>"
            + "<path d=\"M%d %dH%d\" stroke=\"%s\" stroke-width=\"2\"/>"
            + "<text x=\"%d\" y=\"%d\">%s</text>\n")
        .formatted(
            LEFT - 8,
            middle + 4,
            escaped(row.title),
            LEFT,
            y,
            length(row.median, most),
            THICKNESS,
            row.colour,
            LEFT + length(row.least, most),
            middle,
            LEFT + length(row.most, most),
            INK,
            LEFT + length(row.most, most) + 8,
            middle + 4,
            Numbers.whole(row.median));
  }

  private static int length(double value, double most) {
    return (int) Math.round((WIDTH - LEFT - RIGHT) * value / most);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
