using System.Globalization;

namespace GrainSensors.Contacts.Messages;

/// <summary>The words of a notice that all kinds of contact points share.</summary>
internal static class NoticeText
{
    /// <summary>One line: <c>ERROR: Sensor 7: disconnected (Valencia, Viveros)</c>.</summary>
    public static string Title(Notice notice)
    {
        var place = string.Join(", ", new[] { notice.City, notice.Station }.Where(part => part is not null));
        var text = $"{(notice.IsTest ? "TEST" : notice.IsCleared ? "CLEARED" : notice.Level)}: {notice.Message}";
        return place.Length == 0 ? text : $"{text} ({place})";
    }

    /// <returns>Names and values, in the order in which people read them.</returns>
    public static IReadOnlyList<(string Name, string Value)> Facts(Notice notice)
    {
        var facts = new List<(string, string)> { ("Sensor", notice.SensorId) };
        Add("Name", notice.DisplayName);
        Add("City", notice.City);
        Add("Station", notice.Station);
        Add("Tags", notice.Tags.Count == 0 ? null : string.Join(", ", notice.Tags.Select(tag => $"{tag.Key}={tag.Value}")));
        Add("Measurement", notice.Measurement);
        Add("Value", Number(notice.Value));
        Add("Expected", Number(notice.Expected));
        Add("Raised", Time(notice.RaisedAt));
        Add("Cleared", notice.ClearedAt is { } cleared ? Time(cleared) : null);
        Add("Occurrences", notice.Occurrence > 1 ? notice.Occurrence.ToString(CultureInfo.InvariantCulture) : null);
        return facts;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                facts.Add((name, value));
            }
        }
    }

    /// <returns>Title, facts and link, a line each.</returns>
    public static string Plain(Notice notice)
    {
        var lines = Facts(notice).Select(fact => $"{fact.Name}: {fact.Value}").Prepend(Title(notice));
        return string.Join('\n', notice.Url is { } url ? lines.Append(url) : lines);
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

    private static string? Number(double? value) => value?.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Time(DateTime time) => time.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
