package org.mpm4j.impl.contract;

import org.mpm4j.ProcessModel;

final class InProcessEventTest extends MpmContract {
  InProcessEventTest() {
    super(ProcessModel.EVENT, Children.IN_PROCESS);
  }
}
