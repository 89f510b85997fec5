package org.mpm4j.comparison;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Markdown that is being written. Not for concurrent use.
final class Markdown {
  private final StringBuilder text = new StringBuilder();

  void line(String words) {
    text.append(words).append('\n');
  }

  void heading(String words) {
    line("");
    line("### " + words);
    line("");
  }

  /// A row of a table, without the cells that are null.
  void row(@Nullable String... cells) {
    StringBuilder row = new StringBuilder("|");
    for (String cell : cells) {
      if (cell != null) {
        row.append(' ').append(cell.replace("|", "\\|")).append(" |");
      }
    }
    line(row.toString());
  }

  /// What is wanted and what was measured, under a heading.
  void bars(List<Bar> bars) {
    heading("Bars");
    row("bar", "wanted", "measured", "");
    row("---", "---:", "---:", "---");
    for (Bar bar : bars) {
      row(bar.text(), bar.limit(), bar.shown(), bar.verdict());
    }
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
