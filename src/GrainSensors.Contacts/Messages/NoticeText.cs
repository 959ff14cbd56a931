using System.Globalization;

namespace GrainSensors.Contacts.Messages;

/// <summary>The words of a notice that all kinds of contact points share.</summary>
internal static class NoticeText
{
    /// <summary>Lines of a message; receivers cut longer texts.</summary>
    private const int MaxAlerts = 20;

    /// <summary>One line: <c>ERROR: Sensor 7: disconnected (Valencia, Viveros)</c>.</summary>
    public static string Title(Notice notice)
    {
        var place = string.Join(", ", notice.Alerts is not null && notice.GroupLabels is { } labels
            ? labels.Select(label => $"{label.Key}={label.Value}")
            : new[] { notice.City, notice.Station }.OfType<string>());
        var state = notice.IsTest ? "TEST" : notice.IsCleared ? "CLEARED" : notice.Level;
        var occasion = notice.Occasion switch
        {
            NoticeOccasion.Reminder => "REMINDER, ",
            NoticeOccasion.Escalation => "ESCALATION, ",
            _ => "",
        };
        return $"{occasion}{state}: {notice.Message}{(place.Length == 0 ? "" : $" ({place})")}";
    }

    public const string Acknowledge = "Acknowledge";

    /// <returns>The links of a message, with their texts.</returns>
    public static IReadOnlyList<(string Text, string Url)> Links(Notice notice)
    {
        var links = new List<(string, string)>();
        if (notice.Url is { } url)
        {
            links.Add((notice is { Alerts: null, SensorGroup: null } ? "Open sensor" : "Open alerts", url));
        }

        if (notice.AcknowledgeUrl is { } acknowledge)
        {
            links.Add((Acknowledge, acknowledge));
        }

        return links;
    }

    /// <summary>What an alert is about: <c>sensor 7</c>, or <c>400 alerts</c>.</summary>
    public static string Source(Notice notice) => notice.Alerts is null
        ? notice.SensorGroup is { } group ? GroupOf(group) : $"sensor {notice.SensorId}"
        : string.Create(CultureInfo.InvariantCulture, $"{notice.OpenAlerts + notice.ClearedAlerts} alerts");

    /// <returns>Names and values, in the order in which people read them.</returns>
    public static IReadOnlyList<(string Name, string Value)> Facts(Notice notice)
    {
        var facts = new List<(string, string)>();
        Add("Sensor", notice.Alerts is null ? notice.SensorId : null);
        Add("Group", notice is { Alerts: null, SensorGroup: { Count: > 0 } group } ? GroupOf(group) : null);
        Add("Name", notice.DisplayName);
        Add("City", notice.City);
        Add("Station", notice.Station);
        Add("Tags", notice.Tags.Count == 0 ? null : string.Join(", ", notice.Tags.Select(tag => $"{tag.Key}={tag.Value}")));
        Add("Measurement", notice.Measurement);
        var isGroup = notice.SensorGroup is not null;
        Add(isGroup ? "In alarm" : "Value", Number(notice.Value));
        Add(isGroup ? "Sensors" : "Expected", Number(notice.Expected));
        Add("Raised", Time(notice.RaisedAt));
        Add("Cleared", notice.ClearedAt is { } cleared ? Time(cleared) : null);
        Add("Occurrences", notice is { Alerts: null, Occurrence: > 1 and var count } ? count.ToString(CultureInfo.InvariantCulture) : null);
        Add("Rule", notice.Rule);
        Add("Runbook", notice.Runbook);
        Add("Alerts", notice.Alerts is { } alerts ? Lines(notice, alerts) : null);
        return facts;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                facts.Add((name, value));
            }
        }
    }

    /// <returns>Title, facts and links, a line each.</returns>
    public static string Plain(Notice notice)
    {
        var lines = Facts(notice).Select(fact => $"{fact.Name}: {fact.Value}").Prepend(Title(notice)).ToList();
        lines.AddRange(new[] { notice.Url, notice.AcknowledgeUrl is { } url ? $"{Acknowledge}: {url}" : null }.OfType<string>());
        return string.Join('\n', lines);
    }

    /// <returns>The text, cut to a length in characters.</returns>
    public static string Cut(string text, int length)
    {
        if (text.Length <= length)
        {
            return text;
        }

        var end = char.IsHighSurrogate(text[length - 2]) ? length - 2 : length - 1;
        return $"{text[..end]}…";
    }

    private static string Lines(Notice notice, IReadOnlyList<NoticeAlert> alerts)
    {
        var lines = alerts.Take(MaxAlerts).Select(alert =>
        {
            var place = string.Join(", ", new[] { alert.City, alert.Station }.OfType<string>());
            return $"{alert.Message}{(place.Length == 0 ? "" : $" ({place})")}";
        });
        var more = notice.OpenAlerts + notice.ClearedAlerts - MaxAlerts;
        return string.Join('\n', more > 0 ? lines.Append($"and {more} more") : lines);
    }

    private static string GroupOf(IReadOnlyDictionary<string, string> group) =>
        group.Count == 0 ? "group of sensors" : string.Join(", ", group.Select(tag => $"{tag.Key}={tag.Value}"));

    private static string? Number(double? value) => value?.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Time(DateTime time) => time.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
