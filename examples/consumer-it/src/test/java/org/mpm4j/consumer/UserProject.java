package org.mpm4j.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A copy of `examples/consumer`, in a folder with a space in its name, that Maven builds with this
/// build's artifacts.
record UserProject(Path folder) {
  /// For Maven, which may have to fetch a plugin.
  private static final long MINUTES = 5;

  private static final Path JDK = Path.of(System.getProperty("java.home"));

  /// Copies and builds it.
  static UserProject build() throws Exception {
    Path folder = Path.of("target/my project").toAbsolutePath();
    copy(folder);
    Path settings = folder.resolveSibling("consumer-settings.xml");
    Files.writeString(settings, settings());

    List<String> command = new ArrayList<>();
    command.add(Path.of(property("maven"), "bin/mvn").toString());
    command.addAll(List.of("-B", "-ntp", "-gs", settings.toString()));
    Path own = Path.of(property("maven.settings").substring("file=".length()));
    if (Files.exists(own)) {
      command.addAll(List.of("-s", own.toString()));
    }
    command.add("-Dmaven.repo.local=" + property("repository"));
    if (property("maven.offline").equals("offline=true")) {
      command.addAll(List.of("-o", "-Daether.offline.protocols=file"));
    }
    command.add("package");
    UserProject project = new UserProject(folder);
    project.run(command);
    return project;
  }

  private static String property(String name) {
    String value = System.getProperty("consumer." + name, "");
    assertTrue(!value.isEmpty(), "the property consumer." + name + " is not set: run Maven");
    return value;
  }

  private static void copy(Path target) throws IOException {
    if (Files.exists(target)) {
      delete(target);
    }
    Files.createDirectories(target);
    Files.copy(Manual.CONSUMER.resolve("pom.xml"), target.resolve("pom.xml"));
    Path sources = Manual.CONSUMER.resolve("src");
    try (Stream<Path> files = Files.walk(sources)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.copy(file, target.resolve("src").resolve(sources.relativize(file).toString()));
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /// What this build has fetched is not fetched again.
  private static String settings() {
    return """
    <settings>
      <profiles>
        <profile>
          <id>fetched-before</id>
          <repositories>
            <repository>%1$s</repository>
          </repositories>
          <pluginRepositories>
            <pluginRepository>%1$s</pluginRepository>
          </pluginRepositories>
        </profile>
      </profiles>
      <activeProfiles>
        <activeProfile>fetched-before</activeProfile>
      </activeProfiles>
    </settings>
    """
        .formatted(
            """
            <id>fetched-before</id>
            <url>%s</url>
            <releases><checksumPolicy>ignore</checksumPolicy></releases>
            <snapshots><enabled>false</enabled></snapshots>
            """
                .formatted(Path.of(property("maven.repository")).toUri()));
  }

  /// Prepares a process in this project that finds the JDK as a user's does.
  ProcessBuilder prepare(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().put("JAVA_HOME", JDK.toString());
    builder
        .environment()
        .merge("PATH", JDK.resolve("bin").toString(), (path, bin) -> bin + ":" + path);
    // Maven's own, set by those who run this build
    List.of("MAVEN_OPTS", "MAVEN_ARGS", "MAVEN_PROJECTBASEDIR", "JDK_JAVA_OPTIONS")
        .forEach(builder.environment()::remove);
    return builder;
  }

  /// Runs a command to its end.
  void run(List<String> command) throws Exception {
    Path log = folder.resolveSibling("consumer-command.log");
    Process process =
        prepare(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
    if (!ended) {
      process.destroyForcibly().waitFor();
    }
    assertTrue(ended, () -> command + " did not end:\n" + text(log));
    assertEquals(0, process.exitValue(), () -> command + " failed:\n" + text(log));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
