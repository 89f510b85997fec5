package org.mpm4j.impl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mpm4j.Mpm;
import org.mpm4j.MpmOptions;
import org.mpm4j.ReloadVerdict;
import org.mpm4j.StartException;

@Timeout(120)
class SignalHandlersTest {
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private final Semaphore reloadsMayEnd = new Semaphore(0);
  private final AtomicInteger exits = new AtomicInteger();
  private final SignalHandlers signals = new SignalHandlers(exits::incrementAndGet);
  private final Mpm mpm =
      proxy(
          Mpm.class,
          (_, method, arguments) ->
              switch (method.getName()) {
                case "stop" -> {
                  calls.add("stop " + arguments[0]);
                  yield null;
                }
                case "reload" -> {
                  calls.add("reload");
                  reloadsMayEnd.acquire();
                  yield new ReloadVerdict.Refused(0, "no");
                }
                default -> throw new UnsupportedOperationException(method.getName());
              });

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    while (!condition.call()) {
      Thread.onSpinWait(); // the test has a time-out
    }
  }

  @Test
  void theFirstStopIsGracefulAndTheSecondAtOnce() {
    signals.started(mpm);
    signals.caught("TERM");
    signals.caught("INT");
    assertEquals(List.of("stop GRACEFUL", "stop IMMEDIATE"), calls);
    assertEquals(0, exits.get());
  }

  @Test
  void whatComesBeforeTheStartIsRemembered() throws Exception {
    signals.caught("HUP");
    signals.started(mpm);
    await(() -> calls.equals(List.of("reload")));

    SignalHandlers early = new SignalHandlers(exits::incrementAndGet);
    early.caught("USR1");
    early.caught("TERM");
    calls.clear();
    early.started(mpm);
    assertEquals(List.of("stop GRACEFUL"), calls);
    assertEquals(0, exits.get());
  }

  @Test
  void aSecondStopBeforeTheStartEndsTheProcess() {
    signals.caught("TERM");
    signals.caught("TERM");
    assertEquals(1, exits.get());
  }

  @Test
  void reloadsThatComeDuringOneAreOne() throws Exception {
    signals.started(mpm);
    Thread first = Thread.ofPlatform().start(() -> signals.caught("HUP"));
    await(() -> calls.size() == 1);
    signals.caught("HUP");
    signals.caught("USR1");
    signals.caught("HUP");
    reloadsMayEnd.release(10);
    first.join();
    assertEquals(List.of("reload", "reload"), calls);
    signals.caught("USR1");
    assertEquals(List.of("reload", "reload", "reload"), calls);
  }

  @Test
  void aServerThatCannotReloadGoesOn() {
    signals.started(
        proxy(
            Mpm.class,
            (_, _, _) -> {
              calls.add("asked");
              throw new UnsupportedOperationException("in-process");
            }));
    signals.caught("HUP");
    signals.caught("HUP");
    assertEquals(List.of("asked", "asked"), calls);
  }

  @Test
  void aTerminalIsSeenInTheProcessState() {
    String rest = " 77594 2 0 11 0";
    assertFalse(SignalHandlers.hasTerminal("4711 (java) S 1 4711 4711 0 -1" + rest));
    assertTrue(SignalHandlers.hasTerminal("4711 (a) b) c) S 1 4711 4711 34816 4711" + rest));
  }

  @Test
  void signalsAreTakenAndGivenBack() throws Exception {
    Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
    AtomicInteger before = new AtomicInteger();
    Object own =
        proxy(
            handlerType,
            (_, method, _) -> method.getName().equals("handle") ? before.incrementAndGet() : null);
    Object original = handle("USR1", own);
    MpmOptions options = MpmOptions.none().withSignals();
    SignalHandlers installed = SignalHandlers.install(options);
    try {
      assertThrows(StartException.class, () -> SignalHandlers.install(options));
      SignalHandlers.install(MpmOptions.none()).close();
      installed.started(mpm);
      reloadsMayEnd.release(10);
      raise("USR1");
      await(() -> calls.equals(List.of("reload")));
      assertEquals(0, before.get());
      installed.close();
      raise("USR1");
      await(() -> before.get() == 1);
    } finally {
      installed.close();
      handle("USR1", original);
    }
    SignalHandlers.install(options).close();
  }

  private static Object signal(String name) throws ReflectiveOperationException {
    return Class.forName("sun.misc.Signal").getConstructor(String.class).newInstance(name);
  }

  private static void raise(String name) throws ReflectiveOperationException {
    Class<?> type = Class.forName("sun.misc.Signal");
    type.getMethod("raise", type).invoke(null, signal(name));
  }

  private static Object handle(String name, Object handler) throws ReflectiveOperationException {
    Class<?> type = Class.forName("sun.misc.Signal");
    return type.getMethod("handle", type, Class.forName("sun.misc.SignalHandler"))
        .invoke(null, signal(name), handler);
  }
}
