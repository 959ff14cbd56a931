namespace GrainSensors.Ingest.Kafka;

/// <summary>
/// What the options hold that no log and no exception may show. librdkafka hides most of it by itself, but quotes
/// what it does not understand, such as the end of a <c>sasl.oauthbearer.config</c>.
/// </summary>
internal sealed class KafkaSecrets
{
    public const string Mask = "[redacted]";

    /// <summary>Enough to know a secret by where librdkafka has cut it off at the end of a message.</summary>
    private const int KnownBy = 16;

    /// <summary>A part that is shorter is a word that any message may hold.</summary>
    private const int ShortestPart = 6;

    private static readonly string[] Names = ["password", "passphrase", "secret", "key.pem", "oauthbearer.config", "kinit.cmd"];

    /// <summary>The longest first: one may be a piece of another.</summary>
    private readonly string[] _values;

    public KafkaSecrets(KafkaOptions options) => _values =
    [
        .. options.Client.Where(property => IsSecret(property.Key)).Select(property => property.Value).Append(options.SaslPassword)
            .Where(value => !string.IsNullOrEmpty(value))
            .SelectMany(value => Parts(value!).Append(value!))
            .Distinct()
            .OrderByDescending(value => value.Length),
    ];

    /// <param name="property">By librdkafka's name.</param>
    public static bool IsSecret(string property) => Array.Exists(Names, name => property.Contains(name, StringComparison.OrdinalIgnoreCase));

    public bool AreIn(string text) => Redact(text) != text;

    public string Redact(string text)
    {
        foreach (var value in _values)
        {
            var known = value[..Math.Min(KnownBy, value.Length)];
            for (var at = text.IndexOf(known, StringComparison.Ordinal); at >= 0; at = text.IndexOf(known, at + Mask.Length, StringComparison.Ordinal))
            {
                var length = text.AsSpan(at).CommonPrefixLength(value);
                text = string.Concat(text.AsSpan(0, at), Mask, text.AsSpan(at + length));
            }
        }

        return text;
    }

    /// <summary>The lines of a key, or the words of a configuration: a message may quote any of them alone.</summary>
    private static IEnumerable<string> Parts(string value) =>
        value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(part => part.Length >= ShortestPart);
}
