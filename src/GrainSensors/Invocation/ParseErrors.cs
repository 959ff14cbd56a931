using System.CommandLine;
using System.CommandLine.Parsing;

namespace GrainSensors.Invocation;

/// <summary>
/// Describes the errors of a command line. The library's own messages name .NET types and suggest nothing, so errors of the
/// library are reworded; the messages of this project's parsers and validators pass unchanged.
/// </summary>
internal static class ParseErrors
{
    /// <returns>One sentence for each error, and the command whose help explains the options; null: there is no error.</returns>
    public static string? Find(ParseResult result)
    {
        var blanks = Blanks(result.CommandResult).ToList();
        return blanks.Count == 0 && result.Errors.Count == 0
            ? null
            : $"{string.Join(' ', blanks.Count > 0 ? blanks : Messages(result))} "
                + $"See `grainsensors {PathOf(result.CommandResult)}--help`.";
    }

    private static IEnumerable<string> Messages(ParseResult result)
    {
        var command = result.CommandResult.Command;

        // Before the first argument the parser takes a misspelt option for the argument.
        IReadOnlyList<string> unknown =
        [
            .. result.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
                .Select(token => token.Value).Where(value => value.StartsWith("--", StringComparison.Ordinal)),
            .. result.UnmatchedTokens,
        ];
        if (unknown.Any(IsOption))
        {
            // The parser also reports the value of an unknown option; the error about the option is enough.
            unknown = [.. unknown.Where(IsOption)];
        }

        return unknown.Count > 0 ? unknown.Select(token => Unknown(token, command)) : result.Errors.Select(Message).Distinct();
    }

    /// <summary>No file, server, name or text is blank: a variable of a script may have had no value.</summary>
    private static IEnumerable<string> Blanks(CommandResult result) => result.Children
        .Where(child => child.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
        .Select(child => child switch
        {
            OptionResult option => $"{option.Option.Name} must not be empty.",
            ArgumentResult argument => $"{argument.Argument.Name} must not be empty.",
            _ => null,
        })
        .OfType<string>();

    public static string Repeated(string option) => $"{option} is given more than once; give it once.";

    private static string Unknown(string token, Command command)
    {
        var (kind, names) = IsOption(token) ? ("option", command.Options.Where(option => !option.Hidden).Select(option => option.Name))
            : command.Subcommands.Count > 0 ? ("command", command.Subcommands.Select(subcommand => subcommand.Name))
            : ("argument", []);
        return NearestWord.Of(token, names) is { } nearest
            ? $"Unknown {kind} \"{token}\"; did you mean \"{nearest}\"?"
            : $"Unknown {kind} \"{token}\".";
    }

    private static bool IsOption(string token) => token.StartsWith('-');

    private static string Message(ParseError error) => error.SymbolResult switch
    {
        OptionResult { Tokens.Count: 0, Implicit: true } missing => $"{Label(missing.Option)} is required.",
        OptionResult { Tokens.Count: 0 } missing => $"{missing.Option.Name} needs a value: {Label(missing.Option)}.",
        OptionResult { Tokens.Count: > 1, Option.Arity.MaximumNumberOfValues: 1 } repeated => Repeated(repeated.Option.Name),
        ArgumentResult { Tokens.Count: 0, Parent: CommandResult } missing => $"{missing.Argument.Name} is required.",
        CommandResult { Command.Subcommands.Count: > 0 } group when group.Command.Action is null =>
            $"Give a subcommand: {string.Join(", ", group.Command.Subcommands.Select(subcommand => subcommand.Name))}.",
        _ => error.Message,
    };

    private static string Label(Option option) => option.HelpName is { } value ? $"{option.Name} {value}" : option.Name;

    /// <returns>The commands below the root, each followed by a space.</returns>
    private static string PathOf(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{PathOf(parent)}{result.Command.Name} " : "";
}
