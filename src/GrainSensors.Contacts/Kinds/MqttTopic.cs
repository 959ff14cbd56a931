using System.Text;
using System.Text.RegularExpressions;
using GrainSensors.Contacts.Messages;
using GrainSensors.Core.Text;

namespace GrainSensors.Contacts.Kinds;

/// <summary>The template of a topic, such as <c>alerts/{city}/{sensor_id}</c>.</summary>
internal static partial class MqttTopic
{
    /// <summary>For a value that is absent, or that the alerts of a message do not share.</summary>
    private const string None = "_";

    private const int MaxBytes = 1024;

    private static readonly Dictionary<string, Func<Notice, string?>> Values = new()
    {
        ["sensor_id"] = notice => notice.Alerts is not { } alerts ? notice.SensorId
            : alerts.All(alert => alert.SensorId == alerts[0].SensorId) ? alerts[0].SensorId
            : null,
        ["kind"] = notice => notice.Kind,
        ["level"] = notice => notice.Level,
        ["event"] = notice => notice.IsCleared ? "cleared" : "raised",
        ["city"] = notice => notice.City,
        ["station"] = notice => notice.Station,
        ["alert_id"] = notice => notice.IncidentId.ToString(),
    };

    public static string Names => string.Join(", ", Values.Keys.Select(name => $"{{{name}}}"));

    public static bool IsValid(string template)
    {
        var rest = Placeholder().Replace(template, match => Values.ContainsKey(match.Groups[1].Value) ? None : "#");
        return rest.Length > 0 && rest[0] != '$' && rest.AsSpan().IndexOfAny("+#{}\0") < 0 && Encoding.UTF8.GetByteCount(rest) <= MaxBytes;
    }

    /// <param name="template">A valid one.</param>
    public static string Of(string template, Notice notice) => Placeholder().Replace(
        template, match => Values[match.Groups[1].Value](notice) is { Length: > 0 } value ? MqttTopicLevel.Of(value) : None);

    [GeneratedRegex(@"\{([a-z_]*)\}")]
    private static partial Regex Placeholder();
}
