package org.mpm4j.status;

import java.lang.management.ManagementFactory;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.mpm4j.Mpm;

/// Registers the [MpmMXBean] of a server.
///
/// ```java
/// try (MpmBean bean = MpmBean.register(mpm, "main")) { mpm.join(); }
/// ```
public final class MpmBean implements AutoCloseable {
  private final MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
  private final ObjectName name;

  private MpmBean(ObjectName name) {
    this.name = name;
  }

  /// Registers at the platform's MBean server.
  ///
  /// @param mpm the server
  /// @param name tells it from others in this JVM: any text
  /// @return the registration; [#close()] ends it
  /// @throws IllegalStateException if the name is taken
  public static MpmBean register(Mpm mpm, String name) {
    try {
      MpmBean bean =
          new MpmBean(new ObjectName("org.mpm4j:type=Mpm,name=" + ObjectName.quote(name)));
      var _ = bean.beans.registerMBean(new Attributes(mpm), bean.name);
      return bean;
    } catch (JMException e) {
      throw new IllegalStateException("cannot register " + name + ": " + e.getMessage(), e);
    }
  }

  /// The name that it is registered under.
  ///
  /// @return `org.mpm4j:type=Mpm,name="NAME"`
  public ObjectName name() {
    return name;
  }

  /// Takes the bean away. May be called again.
  @Override
  public void close() {
    try {
      beans.unregisterMBean(name);
    } catch (InstanceNotFoundException _) {
      // somebody else was faster
    } catch (JMException e) {
      throw new IllegalStateException(e);
    }
  }

  private record Attributes(Mpm mpm) implements MpmMXBean {
    @Override
    public String getModel() {
      return mpm.status().model().httpdName();
    }

    @Override
    public int getGeneration() {
      return mpm.status().generation();
    }

    @Override
    public String getPhase() {
      return Texts.word(mpm.status().phase());
    }

    @Override
    public int getChildren() {
      return mpm.status().children().size();
    }

    @Override
    public int getChildLimit() {
      return mpm.status().childLimit();
    }

    @Override
    public int getPinned() {
      return mpm.status().pinned();
    }

    @Override
    public int getBusyWorkers() {
      return Scoreboard.of(mpm.status()).busy();
    }

    @Override
    public int getIdleWorkers() {
      return Scoreboard.of(mpm.status()).idle();
    }

    @Override
    public int getConnections() {
      return Scoreboard.connectionsTotal(mpm.status());
    }

    @Override
    public long getAccesses() {
      return mpm.status().totals().accesses();
    }

    @Override
    public long getBytes() {
      return mpm.status().totals().bytes();
    }

    @Override
    public String getScoreboard() {
      return Scoreboard.of(mpm.status()).letters();
    }

    @Override
    public String getBreaker() {
      return Texts.word(mpm.status().breaker().state());
    }

    @Override
    public String reload() throws InterruptedException {
      return mpm.reload().toString();
    }

    @Override
    public void scale(int children) {
      mpm.scale(children);
    }

    @Override
    public void resetBreaker() {
      mpm.resetBreaker();
    }
  }
}
