package org.mpm4j.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.management.MBeanServer;
import org.junit.jupiter.api.Test;
import org.mpm4j.Mpm;
import org.mpm4j.ReloadVerdict;

class MpmBeanTest {
  private final List<String> calls = new CopyOnWriteArrayList<>();

  private final Mpm mpm =
      (Mpm)
          Proxy.newProxyInstance(
              Mpm.class.getClassLoader(),
              new Class<?>[] {Mpm.class},
              (_, method, arguments) -> {
                calls.add(method.getName() + (arguments == null ? "" : " " + arguments[0]));
                return switch (method.getName()) {
                  case "status" -> Samples.event();
                  case "reload" -> new ReloadVerdict.Succeeded(4, Duration.ofMillis(7));
                  default -> null;
                };
              });

  @Test
  void showsAndDirectsTheServer() throws Exception {
    MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
    MpmBean bean = MpmBean.register(mpm, "a,b=*");
    try (bean) {
      assertEquals("event", beans.getAttribute(bean.name(), "Model"));
      assertEquals(8, beans.getAttribute(bean.name(), "BusyWorkers"));
      assertEquals(12, beans.getAttribute(bean.name(), "IdleWorkers"));
      assertEquals(1_234_567L, beans.getAttribute(bean.name(), "Accesses"));
      assertEquals("reloading", beans.getAttribute(bean.name(), "Phase"));
      assertEquals(
          "succeeded: generation 4 after 7 ms",
          beans.invoke(bean.name(), "reload", new Object[0], new String[0]));
      calls.clear();
      var _ = beans.invoke(bean.name(), "scale", new Object[] {3}, new String[] {"int"});
      var _ = beans.invoke(bean.name(), "resetBreaker", new Object[0], new String[0]);
      assertEquals(List.of("scale 3", "resetBreaker"), calls);
      assertThrows(IllegalStateException.class, () -> MpmBean.register(mpm, "a,b=*"));
    }
    assertFalse(beans.isRegistered(bean.name()));
    bean.close();
  }
}
