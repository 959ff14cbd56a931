using Orleans.Configuration;

namespace Orleans.Streaming.Kafka;

/// <summary>Masks the secrets of a connection in logs and exceptions.</summary>
/// <remarks>
/// librdkafka masks most secrets itself, but quotes values that it cannot parse, such as the end of a
/// <c>sasl.oauthbearer.config</c>.
/// </remarks>
public sealed class KafkaSecrets
{
    /// <summary>The text that replaces a secret.</summary>
    public const string Mask = "[redacted]";

    /// <summary>This many characters identify a secret that librdkafka has cut off at the end of a message.</summary>
    private const int PrefixLength = 16;

    /// <summary>Shorter parts of a secret are ordinary words that any message may contain.</summary>
    private const int MinPartLength = 6;

    private static readonly string[] Names = ["password", "passphrase", "secret", "key.pem", "oauthbearer.config", "kinit.cmd"];

    /// <summary>Longest first, because one value may be a part of another.</summary>
    private readonly string[] _values;

    /// <summary>Collects the secrets of a connection.</summary>
    /// <param name="options">The options of the connection.</param>
    public KafkaSecrets(KafkaConnectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _values =
        [
            .. options.Client.Where(property => IsSecret(property.Key)).Select(property => property.Value).Append(options.SaslPassword)
                .Where(value => !string.IsNullOrEmpty(value))
                .SelectMany(value => Parts(value!).Append(value!))
                .Distinct()
                .OrderByDescending(value => value.Length),
        ];
    }

    /// <summary>Whether the value of a client property is a secret.</summary>
    /// <param name="property">The property by librdkafka's name.</param>
    /// <returns>True for passwords, keys, tokens and the like.</returns>
    public static bool IsSecret(string property) =>
        Array.Exists(Names, name => property.Contains(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a text contains a secret.</summary>
    /// <param name="text">The text of a message.</param>
    /// <returns>True if <see cref="Redact"/> would change the text.</returns>
    public bool AreIn(string text) => Redact(text) != text;

    /// <summary>Replaces each secret by <see cref="Mask"/>.</summary>
    /// <param name="text">The text of a message.</param>
    /// <returns>The text without secrets.</returns>
    public string Redact(string text)
    {
        foreach (var value in _values)
        {
            var prefix = value[..Math.Min(PrefixLength, value.Length)];
            for (var at = IndexFrom(0); at >= 0; at = IndexFrom(at + Mask.Length))
            {
                var length = text.AsSpan(at).CommonPrefixLength(value);
                text = string.Concat(text.AsSpan(0, at), Mask, text.AsSpan(at + length));
            }

            int IndexFrom(int start) => text.IndexOf(prefix, start, StringComparison.Ordinal);
        }

        return text;
    }

    /// <summary>The lines of a key or the words of a configuration, because a message may quote each of them alone.</summary>
    private static IEnumerable<string> Parts(string value) =>
        value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(part => part.Length >= MinPartLength);
}
