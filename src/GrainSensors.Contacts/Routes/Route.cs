using GrainSensors.Core.Labels;
using GrainSensors.Core.Text;

namespace GrainSensors.Contacts.Routes;

/// <summary>A route of the tree, with what it inherits.</summary>
/// <param name="Key">The conditions from the root on; the same in all versions of the routes.</param>
internal sealed record Route(string Key, IReadOnlyList<LabelMatcher> Match)
{
    public bool Continues { get; init; }

    public required IReadOnlyList<string> Contacts { get; init; }

    /// <summary>Null: all labels.</summary>
    public required IReadOnlyList<string>? GroupBy { get; init; }

    public required TimeSpan GroupWait { get; init; }

    public required TimeSpan GroupInterval { get; init; }

    /// <summary>Zero: no reminders.</summary>
    public required TimeSpan RepeatInterval { get; init; }

    public required IReadOnlyList<MaintenanceWindow> Mute { get; init; }

    public required IReadOnlyList<EscalationStep> Steps { get; init; }

    public IReadOnlyList<Route> Routes { get; init; } = [];

    /// <returns>The end of the maintenance, µs since the epoch; null: there is none now.</returns>
    public long? MutedUntil(long now) => Mute.Max(window => window.EndAt(now));

    public IReadOnlyDictionary<string, string> GroupOf(IReadOnlyDictionary<string, string> labels) => GroupBy is null
        ? labels
        : new SortedDictionary<string, string>(
            GroupBy.Where(labels.ContainsKey).ToDictionary(label => label, label => labels[label]), StringComparer.Ordinal);

    /// <returns>The routes of an alert: the deepest ones, and the first one of a level unless it continues.</returns>
    public IEnumerable<Route> Find(IReadOnlyDictionary<string, string> labels)
    {
        var found = new List<Route>();
        foreach (var child in Routes.Where(child => child.Match.All(matcher => matcher.IsMatch(labels))))
        {
            found.AddRange(child.Find(labels));
            if (!child.Continues)
            {
                break;
            }
        }

        return found.Count > 0 ? found : [this];
    }

    /// <returns>This route and those below.</returns>
    public IEnumerable<Route> All() => Routes.SelectMany(child => child.All()).Prepend(this);

    public override string ToString() => PrintableText.Escape(Key);
}

/// <param name="After">Time since the message about the alert.</param>
internal sealed record EscalationStep(TimeSpan After, IReadOnlyList<string> Contacts);
