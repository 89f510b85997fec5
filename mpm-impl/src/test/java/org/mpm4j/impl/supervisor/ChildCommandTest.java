package org.mpm4j.impl.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.RuntimeMXBean;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.Attributes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mpm4j.MpmConfig;

class ChildCommandTest {
  private static final String HOME = System.getProperty("java.home");
  private static final Class<?> ON_CLASS_PATH = ChildCommandTest.class;
  private static final Class<?> IN_JAVA_MANAGEMENT = RuntimeMXBean.class;

  private final MpmConfig config =
      MpmConfig.event()
          .listen("127.0.0.1:0")
          .childJvmOption("-Dwins=child")
          .childJvmOption("-Xmx99m")
          .build();

  private static JvmLaunch launch(
      String classPath, String modulePath, String module, String... options) {
    return new JvmLaunch(
        HOME,
        classPath,
        modulePath,
        Optional.of(module).filter(name -> !name.isEmpty()),
        List.of(options));
  }

  private static ChildCommand command(Class<?> application, JvmLaunch launch) {
    return new ChildCommand(
        "child.Main", application, new MachineLimits(2, 1L << 32, 1024), launch);
  }

  /// What stands behind the options of the configuration.
  private List<String> whereClassesAre(Class<?> application, JvmLaunch launch) {
    List<String> arguments = command(application, launch).arguments(config, 3);
    return arguments.subList(arguments.indexOf("-Xmx99m") + 1, arguments.size());
  }

  // ---- where the classes are ----

  @Test
  void aClassPathIsPassedOnAsItIs() {
    assertEquals(
        List.of(
            "-cp",
            "my lib/a.jar:b.jar",
            "--enable-native-access=ALL-UNNAMED",
            "child.Main",
            "event-child-3"),
        whereClassesAre(ON_CLASS_PATH, launch("my lib/a.jar:b.jar", "", "")));
  }

  @Test
  void aModulePathIsPassedOnWithTheApplicationsModule() {
    assertEquals(
        List.of(
            "-p",
            "mods",
            "--add-modules",
            "java.management",
            "--enable-native-access=org.mpm4j.impl",
            "-m",
            "org.mpm4j.impl/child.Main",
            "event-child-3"),
        whereClassesAre(IN_JAVA_MANAGEMENT, launch("", "mods", "org.mpm4j.impl")));
  }

  @Test
  void anImageThatHoldsTheModulesNeedsNoPath() {
    assertEquals(
        List.of(
            "--add-modules",
            "java.management",
            "--enable-native-access=org.mpm4j.impl",
            "-m",
            "org.mpm4j.impl/child.Main",
            "event-child-3"),
        whereClassesAre(IN_JAVA_MANAGEMENT, launch("", "", "org.mpm4j.impl")));
  }

  @Test
  void anApplicationOnTheClassPathSeesAllOfTheJdkAlthoughMpm4jIsAModule() {
    assertEquals(
        List.of(
            "-cp",
            "app.jar",
            "-p",
            "mods",
            "--add-modules",
            "ALL-DEFAULT",
            "--enable-native-access=org.mpm4j.impl",
            "-m",
            "org.mpm4j.impl/child.Main",
            "event-child-3"),
        whereClassesAre(ON_CLASS_PATH, launch("app.jar", "mods", "org.mpm4j.impl")));
  }

  @Test
  void modulesBesideAClassPathArePassedOnToo() {
    assertEquals(
        List.of(
            "-cp",
            "app.jar",
            "-p",
            "drivers",
            "--enable-native-access=ALL-UNNAMED",
            "child.Main",
            "event-child-3"),
        whereClassesAre(ON_CLASS_PATH, launch("app.jar", "drivers", "")));
  }

  // ---- options ----

  @Test
  void inheritedOptionsStandBeforeTheConfiguredOnesWhichWin() {
    List<String> arguments =
        command(ON_CLASS_PATH, launch("a.jar", "", "", "-Dwins=parent", "--enable-preview"))
            .arguments(config, 0);
    assertTrue(arguments.contains("--enable-preview"), arguments::toString);
    assertTrue(
        arguments.indexOf("-Dwins=parent") < arguments.indexOf("-Dwins=child"),
        arguments::toString);
    assertTrue(arguments.contains("-Dwins=parent"), arguments::toString);
  }

  @Test
  void whatSaysWhichCodeThereIsAndItsPropertiesAreInherited() {
    List<String> given =
        List.of(
            "-Dapp.home=/my app",
            "--add-modules=java.sql",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-reads=a=b",
            "--enable-native-access=netty",
            "--enable-preview",
            "--limit-modules=java.sql",
            "--patch-module=a=b",
            "--upgrade-module-path=c");
    assertEquals(given, JvmLaunch.inherited(given, Map.of()));
  }

  @Test
  void whatIsForOneProcessIsNotInherited() {
    assertEquals(
        List.of(),
        JvmLaunch.inherited(
            List.of(
                "-Xmx8g",
                "-XX:+UseZGC",
                "-Xlog:gc:gc.log",
                "-agentlib:jdwp=transport=dt_socket,server=y,address=5005",
                "-javaagent:agent.jar",
                "--module-path=mods",
                "-Dcom.sun.management.jmxremote.port=9999",
                "-Djdk.module.main=app",
                "-Djava.class.path=x"),
            Map.of()));
  }

  @Test
  void aPatchThatTheEnvironmentGivesIsNotGivenTwice() {
    assertEquals(
        List.of("-Da=b"),
        JvmLaunch.inherited(
            List.of("--patch-module=m=dir", "-Da=b"),
            Map.of("JDK_JAVA_OPTIONS", "--patch-module m=dir")));
  }

  @Test
  void aJarsManifestSpeaksForTheChildrenToo() {
    Attributes manifest = new Attributes();
    manifest.putValue("Add-Opens", "java.base/java.lang java.base/java.util");
    manifest.putValue("Add-Exports", "java.base/sun.nio.ch");
    assertEquals(
        List.of(
            "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-opens=java.base/java.util=ALL-UNNAMED"),
        JvmLaunch.manifestOptions(manifest));
    assertEquals(List.of(), JvmLaunch.manifestOptions(new Attributes()));
  }

  @Test
  void aJarIsToldFromAMainClass() {
    assertTrue(JvmLaunch.isJar("my app/all.jar", "my app/all.jar"));
    assertTrue(JvmLaunch.isJar("my app/all.jar", "my app/all.jar 127.0.0.1:0"));
    assertFalse(JvmLaunch.isJar("all.jar", "hello.Hello all.jar"));
    assertFalse(JvmLaunch.isJar("", "hello.Hello"));
    assertFalse(JvmLaunch.isJar("", ""));
  }

  // ---- what is missing ----

  private String refusal(ChildCommand command, ClassLoader classes) {
    IOException refusal =
        assertThrows(IOException.class, () -> command.requireStartable(config, classes));
    return String.valueOf(refusal.getMessage());
  }

  @Test
  void anImageWithoutJavaIsRefused(@TempDir Path image) {
    JvmLaunch launch = new JvmLaunch(image.toString(), "a.jar", "", Optional.empty(), List.of());
    String refusal = refusal(command(ON_CLASS_PATH, launch), ClassLoader.getSystemClassLoader());
    assertTrue(refusal.contains(image.resolve("bin/java") + ", which is missing"), refusal);
    assertTrue(refusal.contains("--strip-native-commands"), refusal);
  }

  @Test
  void aNativeImageIsRefused() {
    JvmLaunch launch = new JvmLaunch("", "", "", Optional.empty(), List.of());
    String refusal = refusal(command(ON_CLASS_PATH, launch), ClassLoader.getSystemClassLoader());
    assertTrue(refusal.contains("java.home is not set"), refusal);
  }

  @Test
  void classesBehindALoaderOfTheirOwnAreRefusedUnlessChildrenHaveAClassPath() throws Exception {
    ChildCommand command =
        new ChildCommand(
            ChildCommand.class.getName(),
            ON_CLASS_PATH,
            new MachineLimits(2, 1L << 32, 1024),
            launch("launcher.jar", "", ""));
    ClassLoader jdkOnly = ClassLoader.getPlatformClassLoader();
    String refusal = refusal(command, jdkOnly);
    assertTrue(refusal.contains("would not find " + ChildCommand.class.getName()), refusal);
    assertTrue(refusal.contains("launcher.jar"), refusal);
    assertTrue(refusal.contains("ChildClassPath"), refusal);

    command.requireStartable(config, ClassLoader.getSystemClassLoader());
    MpmConfig ownPath =
        MpmConfig.event().listen("127.0.0.1:0").childClassPath(List.of(Path.of("lib"))).build();
    command.requireStartable(ownPath, jdkOnly);
  }
}
