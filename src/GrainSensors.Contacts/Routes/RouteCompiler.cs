using GrainSensors.Core.Labels;
using GrainSensors.Core.Text;
using GrainSensors.Core.Time;

namespace GrainSensors.Contacts.Routes;

/// <summary>Checks routes that people write, and makes the tree of them.</summary>
/// <param name="isContact">Whether there is a contact point of the name.</param>
internal sealed class RouteCompiler(Func<string, bool> isContact)
{
    private const int MaxDepth = 16;
    private const string AllLabels = "...";
    private static readonly TimeSpan Longest = TimeSpan.FromDays(90);

    private readonly List<string> _faults = [];
    private readonly Dictionary<string, MaintenanceWindow> _windows = new(StringComparer.Ordinal);

    /// <returns>The root of the tree.</returns>
    /// <exception cref="FormatException">The routes are invalid; the message has a sentence for each fault.</exception>
    public Route Compile(RouteDocument document)
    {
        AddWindows(document);
        if (document.Match is { Count: > 0 } || document.Continue is not null)
        {
            _faults.Add("The root takes all alerts; move match and continue to a route below.");
        }

        if (document.Contacts is null)
        {
            _faults.Add("contacts is missing; give the contact points of alerts that no other route takes, or [].");
        }

        var root = Compile(document, "", Defaults, "", 0);
        return _faults.Count == 0 ? root : throw new FormatException(string.Join(' ', _faults));
    }

    private static Route Defaults { get; } = new("{}", [])
    {
        Contacts = [],
        GroupBy = [],
        GroupWait = TimeSpan.FromSeconds(30),
        GroupInterval = TimeSpan.FromMinutes(5),
        RepeatInterval = TimeSpan.FromHours(4),
        Mute = [],
        Steps = [],
    };

    private void AddWindows(RouteDocument document)
    {
        foreach (var (index, window) in (document.Maintenance ?? []).Index())
        {
            try
            {
                var compiled = MaintenanceWindow.Of(window);
                if (!_windows.TryAdd(compiled.Name, compiled))
                {
                    throw new FormatException($"has the name \"{PrintableText.Escape(compiled.Name)}\" of another window.");
                }
            }
            catch (FormatException e)
            {
                _faults.Add($"maintenance[{index}] {e.Message}");
            }
        }
    }

    /// <param name="where">The path of the route in the document, with a dot at its end unless it is the root.</param>
    private Route Compile(RouteNode node, string where, Route above, string key, int depth)
    {
        var route = above with
        {
            Key = key.Length == 0 ? above.Key : key,
            Match = [],
            Continues = node.Continue ?? false,
            Contacts = Contacts(node.Contacts, $"{where}contacts") ?? above.Contacts,
            GroupBy = node.GroupBy is null ? above.GroupBy : GroupBy(node.GroupBy, where),
            GroupWait = Duration(node.GroupWait, $"{where}group_wait", above.GroupWait),
            GroupInterval = Duration(node.GroupInterval, $"{where}group_interval", above.GroupInterval),
            RepeatInterval = Duration(node.RepeatInterval, $"{where}repeat_interval", above.RepeatInterval),
            Mute = node.Mute is null ? above.Mute : Windows(node.Mute, where),
            Steps = node.Steps is null ? above.Steps : Steps(node.Steps, where),
            Routes = [],
        };
        if (depth >= MaxDepth && node.Routes is { Count: > 0 })
        {
            _faults.Add($"{where}routes is too deep; a tree has at most {MaxDepth} levels.");
            return route;
        }

        var children = new List<Route>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, child) in (node.Routes ?? []).Index())
        {
            var path = $"{where}routes[{index}].";
            if (child is null)
            {
                _faults.Add($"{path[..^1]} must be a route.");
                continue;
            }

            var match = Matchers(child, path);
            var own = $"{route.Key}/{{{string.Join(',', match)}}}";
            var unique = own;
            for (var i = 2; !keys.Add(unique); i++)
            {
                unique = $"{own}#{i}";
            }

            children.Add(Compile(child, path, route, unique, depth + 1) with { Match = match });
        }

        return route with { Routes = children };
    }

    private List<LabelMatcher> Matchers(RouteNode node, string where)
    {
        var matchers = new List<LabelMatcher>();
        foreach (var (index, text) in (node.Match ?? []).Index())
        {
            try
            {
                matchers.Add(LabelMatcher.Parse(text ?? ""));
            }
            catch (FormatException e)
            {
                _faults.Add($"{where}match[{index}] {e.Message}");
            }
        }

        return matchers;
    }

    private IReadOnlyList<string>? Contacts(IReadOnlyList<string>? names, string where)
    {
        foreach (var name in (names ?? []).Where(name => name is null || !isContact(name)))
        {
            _faults.Add($"{where}: there is no contact point \"{PrintableText.Escape(name)}\".");
        }

        return names;
    }

    private IReadOnlyList<string>? GroupBy(IReadOnlyList<string> labels, string where)
    {
        if (labels.Any(string.IsNullOrWhiteSpace) || (labels.Count > 1 && labels.Contains(AllLabels)))
        {
            _faults.Add($"{where}group_by must be names of labels, or [\"{AllLabels}\"] alone.");
        }

        return labels is [AllLabels] ? null : [.. labels.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private TimeSpan Duration(string? text, string where, TimeSpan otherwise)
    {
        if (text is null)
        {
            return otherwise;
        }

        if (!Durations.TryParse(text, out var duration) || duration > Longest)
        {
            _faults.Add(
                $"{where} must be a duration such as {Durations.Forms}, at most {Longest.TotalDays:0}d; got "
                + $"\"{PrintableText.Escape(text, 100)}\".");
        }

        return duration;
    }

    private List<MaintenanceWindow> Windows(IReadOnlyList<string> names, string where)
    {
        var windows = new List<MaintenanceWindow>();
        foreach (var name in names)
        {
            if (name is not null && _windows.TryGetValue(name, out var window))
            {
                windows.Add(window);
            }
            else
            {
                _faults.Add($"{where}mute: there is no maintenance window \"{PrintableText.Escape(name)}\".");
            }
        }

        return windows;
    }

    private List<EscalationStep> Steps(IReadOnlyList<StepDocument> steps, string where)
    {
        var compiled = new List<EscalationStep>();
        foreach (var (index, step) in steps.Index())
        {
            var path = $"{where}steps[{index}].";
            var after = Duration(step?.After ?? "", $"{path}after", default);
            if (after <= (compiled.LastOrDefault()?.After ?? TimeSpan.Zero))
            {
                _faults.Add($"{path}after must be longer than that of the step before, and longer than 0s.");
            }

            if (step?.Contacts is not { Count: > 0 })
            {
                _faults.Add($"{path}contacts is missing; give at least one contact point.");
            }

            compiled.Add(new(after, Contacts(step?.Contacts, $"{path}contacts") ?? []));
        }

        return compiled;
    }
}
