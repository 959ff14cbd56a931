namespace GrainSensors.Core.Text;

/// <summary>One level of a topic of MQTT.</summary>
public static class MqttTopicLevel
{
    /// <returns>The text with the characters that mean something in topics percent-encoded.</returns>
    public static string Of(string text) => text.Replace("%", "%25", StringComparison.Ordinal).Replace("/", "%2F", StringComparison.Ordinal)
        .Replace("+", "%2B", StringComparison.Ordinal).Replace("#", "%23", StringComparison.Ordinal)
        .Replace("$", "%24", StringComparison.Ordinal).Replace("\0", "%00", StringComparison.Ordinal);
}
