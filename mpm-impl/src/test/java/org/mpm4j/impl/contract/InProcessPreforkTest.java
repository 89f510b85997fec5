package org.mpm4j.impl.contract;

import org.mpm4j.ProcessModel;

final class InProcessPreforkTest extends MpmContract {
  InProcessPreforkTest() {
    super(ProcessModel.PREFORK, Children.IN_PROCESS);
  }
}
