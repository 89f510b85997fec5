package org.mpm4j.impl.contract;

import org.mpm4j.ProcessModel;

final class ForkedEventIT extends MpmContract {
  ForkedEventIT() {
    super(ProcessModel.EVENT, Children.FORKED);
  }
}
