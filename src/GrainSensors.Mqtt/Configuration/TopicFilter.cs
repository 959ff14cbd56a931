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
}
