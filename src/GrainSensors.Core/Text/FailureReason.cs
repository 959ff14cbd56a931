namespace GrainSensors.Core.Text;

/// <summary>Why something failed, for people: on one line, without a stack trace.</summary>
public static class FailureReason
{
    /// <summary>The message of an exception; in place of a stack trace of Orleans in it, the message of the first cause.</summary>
    public static string Of(Exception failure)
    {
        var lines = failure.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var sentence = lines.TakeWhile(line => !IsTrace(line)).ToList();
        var text = string.Join(' ', sentence);
        return sentence.Count == lines.Length || failure.GetBaseException() is not { } cause || cause == failure
            ? text
            : $"{text.TrimEnd('.', ':')}: {Of(cause)}";
    }

    private static bool IsTrace(string line) =>
        line.StartsWith("Exc level ", StringComparison.Ordinal)
        || (line.StartsWith("at ", StringComparison.Ordinal) && line.Contains('(', StringComparison.Ordinal));
}
