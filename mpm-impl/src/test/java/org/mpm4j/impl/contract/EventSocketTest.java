package org.mpm4j.impl.contract;

import org.mpm4j.ProcessModel;

final class EventSocketTest extends ServedSocketContract {
  EventSocketTest() {
    super(ProcessModel.EVENT);
  }
}
