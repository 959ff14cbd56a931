using GrainSensors.Core.Labels;
using GrainSensors.Core.Text;

namespace GrainSensors.Storage.Labels;

/// <summary>The conditions of a silence, all of which must hold.</summary>
public sealed class SilenceConditions
{
    public const int Max = 32;

    private static readonly Dictionary<string, string> NoLabels = [];

    private readonly IReadOnlyList<LabelMatcher> _matchers;

    private SilenceConditions(IReadOnlyList<LabelMatcher> matchers) => _matchers = matchers;

    /// <summary>The conditions in their canonical form.</summary>
    public IReadOnlyList<string> Texts => [.. _matchers.Select(matcher => matcher.ToString()).Distinct(StringComparer.Ordinal)];

    /// <param name="name">What has the conditions, for messages.</param>
    /// <exception cref="FormatException">The conditions are invalid; the message names the first one.</exception>
    public static SilenceConditions Parse(IReadOnlyList<string?> texts, string name)
    {
        if (texts.Count is 0 or > Max)
        {
            throw new FormatException($"{name} must have 1 to {Max} conditions such as city=Valencia; got {texts.Count}.");
        }

        var matchers = new List<LabelMatcher>();
        foreach (var (index, text) in texts.Index())
        {
            try
            {
                matchers.Add(text is not null && text.Any(char.IsControl)
                    ? throw new FormatException($"must not contain control characters; got \"{PrintableText.Escape(text, 100)}\".")
                    : LabelMatcher.Parse(text ?? ""));
            }
            catch (FormatException e)
            {
                throw new FormatException($"{name}[{index}] {e.Message}", e);
            }
        }

        // As in Alertmanager: such a silence is a mistake far more often than it is meant.
        return matchers.TrueForAll(matcher => matcher.IsMatch(NoLabels))
            ? throw new FormatException(
                $"{name} must have a condition that an absent label does not fulfil, such as kind=~\".+\"; they may silence all.")
            : new(matchers);
    }

    public bool Match(IReadOnlyDictionary<string, string> labels) => _matchers.All(matcher => matcher.IsMatch(labels));
}
