package org.mpm4j.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Runs the user's project with the commands of the manual: children start, are replaced and end.
@Timeout(value = 6, unit = TimeUnit.MINUTES)
class ConsumerIT {
  private static final Pattern GREETING = Pattern.compile("(.+), World, from (\\d+)");

  private static UserProject project;
  private static Manual manual;

  @BeforeAll
  static void build() throws Exception {
    manual = Manual.read();
    project = UserProject.build();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"class path", "module path", "one jar", "socket", "whole server", "workers"})
  void childrenAreStartedAndReplaced(String way) throws Exception {
    serve(manual.command(way), "Hello", Map.of());
  }

  @Test
  void childrenAreStartedFromAnImage() throws Exception {
    project.run(List.of("bash", "-c", manual.command("make an image")));
    serve(manual.command("image"), "Hello", Map.of());
  }

  @Test
  void aWholeServerMayBeAModuleToo() throws Exception {
    serve(
        manual.command("module path").replace("hello.Hello", "hello.HelloServer"),
        "Hello",
        Map.of());
  }

  @Test
  void childrenGetWhatFilesAndVariablesSay() throws Exception {
    Files.writeString(
        project.folder().resolve("options"),
        """
        -Dhello.greeting="Good day"
        -cp target/hello-all.jar
        --enable-native-access ALL-UNNAMED
        """);
    serve(
        "java @options hello.Hello",
        "Good day",
        Map.of("JAVA_TOOL_OPTIONS", "-Xshare:auto", "JDK_JAVA_OPTIONS", "--add-modules java.sql"));
  }

  @Test
  void aPoolServesWithoutChildren() throws Exception {
    greetOverHttp(manual.command("pool"), "greeter-\\d+");
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP", "HTTP, module path"})
  void theHttpServerIsFound(String way) throws Exception {
    greetOverHttp(manual.command(way), "class org\\.mpm4j\\.httpserver\\.\\w+");
  }

  private static void greetOverHttp(String command, String from) throws Exception {
    try (Program program = new Program(project, command, "0", Map.of())) {
      String answer = program.get("/World");
      assertTrue(answer.matches("Hello, World, from " + from), answer);
      assertEquals(Set.of(), program.children());
    }
  }

  private static void serve(String command, String greeting, Map<String, String> environment)
      throws Exception {
    try (Program program = new Program(project, command, "127.0.0.1:0", environment)) {
      program.awaitTwoChildren(0);
      long first = greet(program, greeting);
      program.kill(first);
      program.awaitTwoChildren(first);
      assertNotEquals(first, greet(program, greeting));
      program.stop();
    }
  }

  /// The process that answered.
  private static long greet(Program program, String greeting) throws Exception {
    String answer = program.ask("World");
    Matcher matcher = GREETING.matcher(answer);
    assertTrue(matcher.matches(), answer);
    assertEquals(greeting, matcher.group(1));
    long child = Long.parseLong(matcher.group(2));
    assertTrue(program.children().contains(child), child + " is no child");
    return child;
  }
}
