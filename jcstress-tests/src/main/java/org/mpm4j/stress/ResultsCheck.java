package org.mpm4j.stress;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.grading.GradingResult;
import org.openjdk.jcstress.infra.grading.ReportUtils;

/// Reads what jcstress has found, and says whether the tests could fail: a weakened test, which has
/// `Weakened` before its name, must have shown what its weakening allows. In any other test nothing
/// interesting may have been seen.
public final class ResultsCheck {
  private static final String RESULTS = "jcstress-results-*.bin.gz";
  private static final String WEAKENED = "Weakened";
  private static final String MUST = "must";

  private ResultsCheck() {}

  /// The arguments are the directory where jcstress has run, and `must` or `report`: what is done
  /// about a weakened test that has shown nothing, which may happen in a short run.
  public static void main(String[] arguments) throws IOException, ClassNotFoundException {
    Path directory = Path.of(arguments[0]);
    boolean must = arguments[1].equals(MUST);
    List<String> faults = new ArrayList<>();
    int weakened = 0;
    int shown = 0;
    for (TestResult result : ReportUtils.mergedByName(read(directory))) {
      long interesting = interesting(result);
      String name = result.getName();
      if (!name.substring(name.lastIndexOf('.') + 1).startsWith(WEAKENED)) {
        if (interesting > 0) {
          faults.add(name + " has seen something interesting, but is not weakened");
        }
        continue;
      }
      weakened++;
      System.out.printf("%,12d of %,14d  %s%n", interesting, result.getTotalCount(), name);
      if (interesting > 0) {
        shown++;
      } else if (must) {
        faults.add(name + " has not shown what its weakening allows: the test could not fail");
      }
    }
    System.out.println(shown + " of " + weakened + " weakened tests have shown what they allow");
    if (!faults.isEmpty()) {
      throw new IllegalStateException(String.join("; ", faults));
    }
  }

  private static long interesting(TestResult result) {
    long count = 0;
    for (GradingResult graded : result.grading().gradingResults.values()) {
      if (graded.expect == Expect.ACCEPTABLE_INTERESTING) {
        count += graded.count;
      }
    }
    return count;
  }

  private static List<TestResult> read(Path directory) throws IOException, ClassNotFoundException {
    InProcessCollector found = new InProcessCollector();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, RESULTS)) {
      for (Path file : files) {
        DiskReadCollector reader = new DiskReadCollector(file.toString(), found);
        reader.dump();
        reader.close();
      }
    }
    return List.copyOf(found.getTestResults());
  }
}
