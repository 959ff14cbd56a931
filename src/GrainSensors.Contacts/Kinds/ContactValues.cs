namespace GrainSensors.Contacts.Kinds;

/// <summary>The settings and the secrets of a contact point.</summary>
public sealed class ContactValues(IReadOnlyDictionary<string, string> settings, IReadOnlyDictionary<string, string> secrets)
{
    private const string Hidden = "***";

    /// <summary>A shorter text is no secret, and hiding it would make messages unreadable.</summary>
    private const int ShortestSecret = 4;

    public static ContactValues None { get; } = new(new Dictionary<string, string>(), new Dictionary<string, string>());

    public IReadOnlyDictionary<string, string> Settings => settings;

    public IReadOnlyDictionary<string, string> Secrets => secrets;

    public string? Find(string name) => secrets.GetValueOrDefault(name) ?? settings.GetValueOrDefault(name);

    /// <returns>The value of a required field.</returns>
    public string Get(string name) => Find(name) ?? throw new DeliveryException($"The value \"{name}\" is missing.") { IsPermanent = true };

    /// <returns>The text without the secrets, which the answer of a receiver may contain.</returns>
    public string Redact(string text)
    {
        foreach (var secret in secrets.Values.Where(secret => secret.Length >= ShortestSecret).OrderByDescending(secret => secret.Length))
        {
            text = text.Replace(secret, Hidden, StringComparison.Ordinal);
            if (Uri.TryCreate(secret, UriKind.Absolute, out var url))
            {
                text = text.Replace(url.AbsoluteUri, Hidden, StringComparison.Ordinal);
                text = url.PathAndQuery.Length < ShortestSecret ? text : text.Replace(url.PathAndQuery, Hidden, StringComparison.Ordinal);
            }
        }

        return text;
    }

    /// <returns>A text without secrets.</returns>
    public override string ToString() => string.Join(", ", settings.Keys.Concat(secrets.Keys));
}
