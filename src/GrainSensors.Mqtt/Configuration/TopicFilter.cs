using System.Text;

namespace GrainSensors.Mqtt.Configuration;

/// <summary>Topic filters (MQTT 5, section 4.7).</summary>
internal static class TopicFilter
{
    private const int MaxBytes = 65_535;

    /// <returns>Completes the sentence "Filter …"; null: the filter is right.</returns>
    public static string? Fault(string filter)
    {
        if (filter.Length == 0)
        {
            return "is empty; give a topic, or a filter such as sensors/+/telemetry";
        }

        if (Encoding.UTF8.GetByteCount(filter) > MaxBytes || filter.Any(char.IsControl))
        {
            return $"must have at most {MaxBytes} bytes and no control characters";
        }

        if (filter.StartsWith("$share/", StringComparison.Ordinal))
        {
            return $"must be a filter without $share; Sessions and ClientIdPrefix make the shared subscription; got \"{filter}\"";
        }

        var levels = filter.Split('/');
        var hasFault = levels.Where((level, index) =>
            (level.Contains('#') && (level != "#" || index < levels.Length - 1)) || (level.Contains('+') && level != "+")).Any();
        return hasFault
            ? $"must have + for one whole level, and # for all levels at the end only; got \"{filter}\""
            : null;
    }

    /// <returns>What is wrong with the name of a topic; null: nothing.</returns>
    public static string? FaultOfName(string topic) =>
        topic.Length == 0 || topic.StartsWith('$') || topic.AsSpan().ContainsAny('+', '#') || topic.Any(char.IsControl)
        || Encoding.UTF8.GetByteCount(topic) > MaxBytes
            ? $"must have 1 to {MaxBytes} bytes, no + and #, and no $ at its beginning; got \"{topic}\""
            : null;

    /// <returns>Whether there is a topic that both filters take.</returns>
    public static bool Overlap(string a, string b)
    {
        var (left, right) = (a.Split('/'), b.Split('/'));
        for (var i = 0; i < Math.Min(left.Length, right.Length); i++)
        {
            if (left[i] == "#" || right[i] == "#")
            {
                return true;
            }

            if (left[i] != "+" && right[i] != "+" && left[i] != right[i])
            {
                return false;
            }
        }

        // A filter that ends in /# takes the topic without this level, too.
        var longer = left.Length > right.Length ? left : right;
        var difference = Math.Abs(left.Length - right.Length);
        return difference == 0 || (difference == 1 && longer[^1] == "#");
    }
}
