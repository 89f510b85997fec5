package org.mpm4j.impl.contract;

import org.mpm4j.ProcessModel;

final class ForkedPreforkIT extends MpmContract {
  ForkedPreforkIT() {
    super(ProcessModel.PREFORK, Children.FORKED);
  }
}
