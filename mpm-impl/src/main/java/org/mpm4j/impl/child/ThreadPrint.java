package org.mpm4j.impl.child;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;

/// What every thread of this JVM is doing, as `jcmd PID Thread.print` prints it.
final class ThreadPrint {
  private ThreadPrint() {}

  /// Prints the threads. Any thread; stops the others for a moment. The first call loads the JVM's
  /// management, which takes a while.
  ///
  /// @return the text, or why there is none
  static String text() {
    try {
      Object text =
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "threadPrint",
                  new Object[] {new String[0]},
                  new String[] {String[].class.getName()});
      return String.valueOf(text);
    } catch (JMException e) {
      return "no thread dump: " + e;
    }
  }
}
