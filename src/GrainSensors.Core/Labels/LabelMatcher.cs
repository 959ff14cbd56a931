using System.Text.RegularExpressions;
using GrainSensors.Core.Text;

namespace GrainSensors.Core.Labels;

/// <summary>
/// A condition on a label, as Alertmanager has it: <c>city=Valencia</c>, <c>city!=Valencia</c>, <c>city=~"V.*"</c> or <c>city!~V.*</c>.
/// </summary>
/// <remarks>
/// An absent label is an empty text. A regular expression must match the whole value. Its time is linear in the length of the value, and a
/// condition whose expression takes too long does not hold.
/// </remarks>
public sealed class LabelMatcher
{
    public const int MaxLength = 512;

    private const string Form = "must be LABEL=VALUE, LABEL!=VALUE, LABEL=~REGEX or LABEL!~REGEX";

    /// <summary>A process that is stopped for a while may exceed the limit once.</summary>
    private const int MaxTimeouts = 3;

    private static readonly string[] Operators = ["=~", "!~", "!=", "="];
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private readonly string _operator;
    private readonly string _value;
    private readonly Regex? _regex;
    private int _timeouts;

    private LabelMatcher(string label, string @operator, string value, Regex? regex) =>
        (Label, _operator, _value, _regex) = (label, @operator, value, regex);

    public string Label { get; }

    /// <exception cref="FormatException">The text is no matcher; the message shows it.</exception>
    public static LabelMatcher Parse(string text)
    {
        if (text.Length > MaxLength)
        {
            throw new FormatException($"must have at most {MaxLength} characters; got {text.Length}.");
        }

        var at = text.AsSpan().IndexOfAny('=', '!');
        var @operator = at < 1 ? null : Array.Find(Operators, word => text.AsSpan(at).StartsWith(word, StringComparison.Ordinal));
        if (@operator is null || string.IsNullOrWhiteSpace(text[..at]))
        {
            throw new FormatException($"{Form}; got \"{PrintableText.Escape(text)}\".");
        }

        var value = text[(at + @operator.Length)..].Trim();
        if (value.Length > 1 && value[0] == '"' && value[^1] == '"')
        {
            value = value[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal);
        }

        return new(text[..at].Trim(), @operator, value, @operator[^1] == '~' ? RegexOf(value) : null);
    }

    public bool IsMatch(IReadOnlyDictionary<string, string> labels)
    {
        var value = labels.GetValueOrDefault(Label, "");
        var isEqual = _regex is null ? value == _value : IsMatch(_regex, value);
        return isEqual == (_operator[0] == '=');
    }

    /// <returns>The canonical text, which <see cref="Parse"/> reads.</returns>
    public override string ToString() => $"{Label}{_operator}\"{_value.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    /// <returns>Null: it takes too long.</returns>
    private bool? IsMatch(Regex regex, string value)
    {
        if (_timeouts >= MaxTimeouts)
        {
            return null;
        }

        try
        {
            return regex.IsMatch(value);
        }
        catch (RegexMatchTimeoutException)
        {
            Interlocked.Increment(ref _timeouts);
            return null;
        }
    }

    private static Regex RegexOf(string pattern)
    {
        try
        {
            return new(
                $"^(?:{pattern})$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline, Limit);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new FormatException(
                $"has an invalid regular expression \"{PrintableText.Escape(pattern)}\": {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}.",
                e);
        }
    }
}
