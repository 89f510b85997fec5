package org.mpm4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// The process model that the layers of a configuration choose. It is settled before anything else,
/// since the other directives depend on it wherever it is chosen.
///
/// Until a model is chosen no `mpm_…_module` is loaded, as while httpd reads its LoadModule lines.
/// Among the overrides and among the defaults the last choice wins; two different ones in the file
/// are an error, whether or not an override decides.
///
/// @param model the model settled on
/// @param conflicts the statements of the file that choose another one than its first does
record ModelChoice(ProcessModel model, List<Conflict> conflicts) {
  /// A choice in the file of another model than the one `before`.
  record Conflict(Choice choice, String before) {}

  /// A statement that chooses a model.
  record Choice(Statement statement, ProcessModel model) {
    String describe() {
      return model.httpdName() + " of " + statement.location();
    }
  }

  static ModelChoice of(
      List<Statement> before, List<Statement> file, List<Statement> after, Vocabulary vocabulary) {
    List<Choice> overriding = choices(after, Optional.empty(), vocabulary);
    Optional<ProcessModel> overridden = last(overriding);
    List<Choice> inFile = choices(file, overridden, vocabulary);
    ProcessModel model =
        overridden
            .or(() -> inFile.stream().findFirst().map(Choice::model))
            .or(() -> last(choices(before, Optional.empty(), vocabulary)))
            .orElse(ProcessModel.EVENT);
    if (inFile.isEmpty() && overridden.isEmpty()) {
      // a section that the model itself opened may choose another one
      List<Choice> late = choices(file, Optional.of(model), vocabulary);
      return new ModelChoice(model, conflicts(late, model, model.httpdName()));
    }
    return new ModelChoice(
        model,
        inFile.stream()
            .findFirst()
            .map(first -> conflicts(inFile, first.model(), first.describe()))
            .orElse(List.of()));
  }

  private static List<Conflict> conflicts(
      List<Choice> choices, ProcessModel model, String description) {
    return choices.stream()
        .filter(choice -> choice.model() != model)
        .map(choice -> new Conflict(choice, description))
        .toList();
  }

  /// Makes the choice the draft's.
  void settle(Draft draft) {
    draft.model(model);
    for (Conflict conflict : conflicts) {
      Statement statement = conflict.choice().statement();
      draft.problem(
          statement.location(),
          statement.name()
              + ": "
              + conflict.choice().model().httpdName()
              + " is a second process model besides "
              + conflict.before()
              + "; expected one");
    }
  }

  private static Optional<ProcessModel> last(List<Choice> choices) {
    return choices.isEmpty() ? Optional.empty() : Optional.of(choices.getLast().model());
  }

  private static List<Choice> choices(
      List<Statement> statements, Optional<ProcessModel> settled, Vocabulary vocabulary) {
    List<Choice> choices = new ArrayList<>();
    Predicate<String> loaded =
        module ->
            vocabulary.modules().contains(module)
                || ProcessModel.ofModule(module)
                    .filter(model ->
                        settled
                            .or(() -> choices.stream().findFirst().map(Choice::model))
                            .filter(model::equals)
                            .isPresent())
                    .isPresent();
    collect(statements, loaded, choices);
    return choices;
  }

  private static void collect(
      List<Statement> statements, Predicate<String> loaded, List<Choice> choices) {
    for (Statement statement : statements) {
      if (statement.named(Interpreter.IF_MODULE)) {
        if (statement.section() && taken(statement, loaded)) {
          collect(statement.children(), loaded, choices);
        }
      } else {
        chosen(statement).ifPresent(model -> choices.add(new Choice(statement, model)));
      }
    }
  }

  private static boolean taken(Statement section, Predicate<String> loaded) {
    List<String> arguments = readable(section);
    return arguments.size() == 1 && taken(arguments.getFirst(), loaded);
  }

  /// Whether the contents of `<IfModule condition>` are taken.
  static boolean taken(String condition, Predicate<String> loaded) {
    return condition.startsWith("!")
        ? !loaded.test(condition.substring(1))
        : loaded.test(condition);
  }

  /// The model that `Mpm` or `LoadModule` chooses, if that is what the statement does.
  static Optional<ProcessModel> chosen(Statement statement) {
    List<String> arguments = readable(statement);
    if (statement.section() || arguments.isEmpty()) {
      return Optional.empty();
    }
    if (statement.named("Mpm") && arguments.size() == 1) {
      return ProcessModel.named(arguments.getFirst());
    }
    return statement.named("LoadModule")
        ? ProcessModel.ofModule(arguments.getFirst())
        : Optional.empty();
  }

  /// The arguments; none if they cannot be read, which the interpreter reports.
  private static List<String> readable(Statement statement) {
    try {
      return statement.arguments();
    } catch (IllegalArgumentException _) {
      return List.of();
    }
  }
}
