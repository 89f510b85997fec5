package org.mpm4j.impl.contract;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.mpm4j.LifecycleEvent;
import org.mpm4j.LifecycleListener;

/// Remembers what happened to a server, in order. Any thread.
final class EventLog implements LifecycleListener {
  private final List<LifecycleEvent> events = new ArrayList<>();

  @Override
  public synchronized void on(LifecycleEvent event) {
    events.add(event);
  }

  synchronized List<LifecycleEvent> all() {
    return List.copyOf(events);
  }

  <E extends LifecycleEvent> List<E> all(Class<E> type) {
    return all().stream().filter(type::isInstance).map(type::cast).toList();
  }

  /// Where the first one of them stands in the order of all; fails if there is none.
  int indexOf(Predicate<LifecycleEvent> wanted) {
    List<LifecycleEvent> all = all();
    for (int i = 0; i < all.size(); i++) {
      if (wanted.test(all.get(i))) {
        return i;
      }
    }
    throw new AssertionError("no such event: " + all);
  }

  /// Waits for such an event; if it does not come, says which have come.
  void await(String what, Predicate<LifecycleEvent> wanted) throws Exception {
    Processes.await(() -> what + " among " + all(), () -> all().stream().anyMatch(wanted));
  }

  /// Waits until there are so many of a type, or more.
  void await(int count, Class<? extends LifecycleEvent> type) throws Exception {
    Processes.await(
        () -> count + " times " + type.getSimpleName() + " among " + all(),
        () -> all(type).size() >= count);
  }

  /// Fails unless each of these was said, in this order, whatever was said between.
  void assertOrder(LifecycleEvent... expected) {
    List<LifecycleEvent> all = all();
    int from = 0;
    for (LifecycleEvent event : expected) {
      int index = all.subList(from, all.size()).indexOf(event);
      assertTrue(index >= 0, "no " + event + " from event " + from + " on: " + all);
      from += index + 1;
    }
  }
}
