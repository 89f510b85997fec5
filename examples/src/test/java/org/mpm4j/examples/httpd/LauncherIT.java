package org.mpm4j.examples.httpd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The script bin/mpm-httpd, in a copy of the repository that has no sources, with a Maven that
/// only writes down how it was called.
@Timeout(240)
final class LauncherIT {
  @TempDir Path folder;

  private Path home;
  private Path jar;

  private record Result(int status, String out, String err) {}

  LauncherIT() {
    home = Path.of("");
    jar = Path.of("");
  }

  @BeforeEach
  void copyRepository() throws Exception {
    Path repository = Objects.requireNonNull(Path.of("").toAbsolutePath().getParent());
    home = Files.createDirectories(folder.resolve("a home"));
    Files.createDirectories(home.resolve("bin"));
    for (String script :
        new String[] {"bin/mpm-httpd", "bin/mpmctl", "bin/build-if-needed", "bin/find-jdk"}) {
      Files.copy(repository.resolve(script), home.resolve(script));
    }
    Files.createFile(home.resolve("pom.xml"));
    for (String module :
        new String[] {"mpm-api", "mpm-impl", "mpm-ctl", "mpm-status", "mpm-http", "examples"}) {
      Files.createDirectories(home.resolve(module + "/src/main"));
      Files.createFile(home.resolve(module + "/pom.xml"));
    }
    for (String part : new String[] {"conf", "www"}) {
      Files.createSymbolicLink(
          home.resolve("examples/" + part), repository.resolve("examples/" + part));
    }
    Path target = Files.createDirectories(home.resolve("examples/target"));
    Files.createSymbolicLink(target.resolve("lib"), repository.resolve("examples/target/lib"));
    jar = target.resolve("examples.jar");
    Path built = repository.resolve("examples/target/examples.jar");
    Path maven = Files.createDirectories(folder.resolve("tools")).resolve("mvn");
    Files.writeString(
        maven,
        """
        #!/bin/sh
        echo "$PWD: $*" >>"%s"
        echo noise
        cp "%s" "%s"
        """
            .formatted(folder.resolve("calls"), built, jar));
    Files.setPosixFilePermissions(maven, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Result run(Path script, String... args) throws Exception {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    List<String> command = new java.util.ArrayList<>(List.of(script.toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(Files.createDirectories(folder.resolve("elsewhere")).toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().merge("PATH", "", (old, _) -> folder.resolve("tools") + ":" + old);
    builder.environment().put("MPM4J_JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    try {
      assertTrue(process.waitFor(90, TimeUnit.SECONDS), "does not end");
      return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void buildsOnFirstUseAndWhenSourcesAreNewer() throws Exception {
    Path script = home.resolve("bin/mpm-httpd");
    Result first = run(script, "-V");
    assertEquals(0, first.status, first.err);
    assertTrue(first.out.startsWith("Server version: mpm4j/"), first.out);
    assertEquals("building mpm4j (first use)...\n", first.err);
    String calls = Files.readString(folder.resolve("calls"));
    assertTrue(calls.startsWith(home + ": ") && calls.contains("-pl examples -am package"), calls);

    Result second = run(script, "-l");
    assertTrue(second.out.startsWith("Compiled in modules:"), second.out);
    assertEquals("", second.err);
    assertEquals(1, Files.readAllLines(folder.resolve("calls")).size());

    Thread.sleep(20);
    Files.createFile(home.resolve("mpm-impl/src/main/New.java"));
    assertEquals("building mpm4j (sources have changed)...\n", run(script, "-l").err);
    assertEquals(2, Files.readAllLines(folder.resolve("calls")).size());
  }

  @Test
  void theControlCommandIsBuiltWithoutTheServer() throws Exception {
    Path repository = Objects.requireNonNull(Path.of("").toAbsolutePath().getParent());
    Path target = Files.createDirectories(home.resolve("mpm-ctl/target"));
    Path built = repository.resolve("mpm-ctl/target");
    Files.createSymbolicLink(target.resolve("lib"), built.resolve("lib"));
    Files.copy(
        built.resolve("mpm-ctl.jar"),
        target.resolve("mpm-ctl.jar"),
        StandardCopyOption.COPY_ATTRIBUTES); // older than the sources below
    Files.createFile(home.resolve("mpm-ctl/src/main/New.java"));
    Result result = run(home.resolve("bin/mpmctl"), "-V");
    assertTrue(result.out.startsWith("mpmctl "), result.toString());
    String calls = Files.readString(folder.resolve("calls"));
    assertTrue(calls.contains("-pl mpm-ctl -am package"), calls);
    assertEquals(3, run(home.resolve("bin/mpmctl"), "status").status);
  }

  @Test
  void saysWhyTheBuildFailed() throws Exception {
    Files.writeString(folder.resolve("tools/mvn"), "#!/bin/sh\necho broken\nexit 7\n");
    Result result = run(home.resolve("bin/mpm-httpd"), "-l");
    assertEquals(1, result.status);
    assertEquals(
        "building mpm4j (first use)...\nbroken\nmpm-httpd: the build failed.\n", result.err);
    assertEquals("", result.out);
  }

  @Test
  void runsThroughLinksFromAnywhere() throws Exception {
    Path script = home.resolve("bin/mpm-httpd");
    run(script, "-l");
    Files.createSymbolicLink(folder.resolve("first"), Path.of("a home/bin/mpm-httpd"));
    Path second = Files.createSymbolicLink(folder.resolve("second"), Path.of("first"));
    assertEquals(new Result(0, "Syntax OK\n", ""), run(second, "-t"));
    assertEquals(1, run(second, "-t", "-c", "Nonsense 1").status);
    assertEquals(1, run(second, "--nonsense").status);
  }
}
