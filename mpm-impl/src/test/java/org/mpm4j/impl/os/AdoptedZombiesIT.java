package org.mpm4j.impl.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class AdoptedZombiesIT {
  private static final List<String> AS_INIT =
      List.of("unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc");

  @Test
  void processOneReapsWhatTheOrphansLeave() throws Exception {
    assumeTrue(run(List.of("true")).status() == 0, "this machine allows no pid namespaces");
    Result result = run(ForkedJvm.command(Init.class));
    assertEquals("pid 1 reaped 3 orphans\n", result.said());
    assertEquals(0, result.status());
  }

  private record Result(int status, String said) {}

  private static Result run(List<String> program) throws Exception {
    List<String> command = new ArrayList<>(AS_INIT);
    command.addAll(program);
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Result(process.waitFor(), said);
    } catch (IOException e) {
      return new Result(-1, e.toString()); // there is no unshare
    }
  }

  /// Another process.
  public static final class Init {
    private Init() {}

    /// Starts a shell that leaves three orphans, and reaps until they are gone.
    ///
    /// @param args none
    public static void main(String[] args) throws Exception {
      Linux os = Linux.open();
      AdoptedZombies zombies = AdoptedZombies.of(os);
      // they wait for the end of their input, which comes when the JDK has seen the shell's end
      String leaveThree = "exec 3<&0; for i in 1 2 3; do (read line <&3) & done; exit 7";
      int shell = new ProcessBuilder("sh", "-c", leaveThree).start().waitFor();
      int reaped = 0;
      while (shell == 7 && reaped < 3) {
        reaped += zombies.reap(Set.of()).size();
      }
      System.out.println("pid " + os.getpid() + " reaped " + reaped + " orphans");
    }
  }
}
