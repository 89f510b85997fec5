package org.mpm4j;

import java.net.SocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Writes a configuration in httpd's syntax.
final class ConfigText {
  private ConfigText() {}

  static String write(MpmConfig config, Map<Setting<?>, Object> values) {
    StringBuilder text = new StringBuilder();
    line(text, 0, Syntax.line("Mpm", List.of(config.model().httpdName())));
    for (SocketAddress address : config.listen()) {
      line(text, 0, Syntax.line("Listen", List.of(ListenAddress.write(address))));
    }
    for (Setting<?> setting : Setting.ALL) {
      Object value = values.get(setting);
      if (value != null) {
        line(text, 0, Syntax.line(setting.name(), setting.write(value)));
      }
    }
    for (String option : config.childJvmOptions()) {
      line(text, 0, Syntax.line("ChildJvmOption", List.of(option)));
    }
    new TreeMap<>(config.childEnvironment())
        .forEach(
            (name, value) -> line(text, 0, Syntax.line("ChildEnvironment", List.of(name, value))));
    for (Directive directive : config.serverDirectives()) {
      write(text, 0, directive);
    }
    return text.toString();
  }

  private static void write(StringBuilder text, int depth, Directive directive) {
    line(text, depth, directive.toString());
    for (Directive child : directive.children()) {
      write(text, depth + 1, child);
    }
    if (directive.section()) {
      line(text, depth, "</" + directive.name() + ">");
    }
  }

  private static void line(StringBuilder text, int depth, String line) {
    text.repeat("    ", depth).append(line).append('\n');
  }

  static String reference(ProcessModel model) {
    StringBuilder text = new StringBuilder();
    for (Setting<?> setting : Setting.ALL) {
      if (setting.appliesTo(model)) {
        text.append(
            String.format(
                Locale.ROOT,
                "%-25s %-13s %s%n",
                setting.name(),
                defaultText(setting, model),
                setting.meaning()));
      }
    }
    return text.toString();
  }

  private static <T> String defaultText(Setting<T> setting, ProcessModel model) {
    return setting
        .defaultFor(model)
        .map(value -> String.join(" ", setting.kind().write(value)))
        .orElse("(none)");
  }
}
