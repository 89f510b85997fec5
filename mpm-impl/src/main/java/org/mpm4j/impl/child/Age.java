package org.mpm4j.impl.child;

/// Says once that a child has reached its `MaxChildAge`. Confined to the thread that looks.
final class Age {
  private final Recycling recycling;
  private final Child.Owner owner;
  private long startedAt;
  private boolean begun;
  private boolean told;

  Age(Recycling recycling, Child.Owner owner) {
    this.recycling = recycling;
    this.owner = owner;
  }

  /// Looks; the child is as old as the first look.
  void look(long now) {
    if (!begun) {
      begun = true;
      startedAt = now;
    }
    long age = now - startedAt;
    if (recycling.ageNanos() > 0 && !told && age >= recycling.ageNanos()) {
      told = true;
      owner.recycleDue("MaxChildAge reached after " + Monitor.seconds(age));
    }
  }
}
