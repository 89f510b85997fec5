package org.mpm4j.impl.child;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;

/// What the threads of this JVM are doing.
public final class ThreadDump {
  private ThreadDump() {}

  /// As `jcmd PID Thread.print -l` prints it. Blocks for a safepoint.
  public static String ofThisJvm() {
    try {
      return (String)
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "threadPrint",
                  new Object[] {new String[] {"-l"}},
                  new String[] {String[].class.getName()});
    } catch (JMException e) {
      return "no thread dump: " + e;
    }
  }
}
