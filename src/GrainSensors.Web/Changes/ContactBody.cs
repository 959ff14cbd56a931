using System.Text.Json;
using GrainSensors.Contacts.Points;
using GrainSensors.Core.Text;
using GrainSensors.Core.Time;

namespace GrainSensors.Web.Changes;

/// <summary>A contact point, without the values of its secrets.</summary>
/// <param name="Kind">
/// <c>email</c>, <c>slack</c>, <c>teams</c>, <c>discord</c>, <c>pagerduty</c>, <c>opsgenie</c>, <c>ntfy</c> or <c>webhook</c>.
/// </param>
/// <param name="Secrets">The names of the secrets that are set.</param>
/// <param name="Source"><c>store</c>, or <c>configuration</c> for one that the API cannot change.</param>
/// <param name="Problem">Why it cannot be used; null: it can.</param>
/// <param name="ChangedAt">Null: it is of the configuration.</param>
internal sealed record ContactBody(
    string Name,
    string Kind,
    bool Enabled,
    IReadOnlyDictionary<string, string> Settings,
    IReadOnlyList<string> Secrets,
    string Source,
    string? Problem,
    DateTime? ChangedAt,
    string? ChangedBy)
{
    public static ContactBody Of(ContactPoint point) => new(
        point.Name,
        point.Kind,
        point.IsEnabled,
        point.Values.Settings,
        [.. point.Values.Secrets.Keys.Order(StringComparer.Ordinal)],
        point.IsConfigured ? "configuration" : "store",
        point.Problem,
        point.ChangedAt is { } at ? EpochTime.ToDateTime(at) : null,
        point.ChangedBy);
}

/// <param name="Kind">The kind of the contact point.</param>
/// <param name="Enabled">Notify it; true by default.</param>
/// <param name="Settings">Replace all settings. Values are texts, numbers or booleans.</param>
/// <param name="Secrets">Secrets that are absent stay as they are, unless the kind changes; null removes one.</param>
internal sealed record ContactRequest(
    string? Kind = null,
    bool Enabled = true,
    IReadOnlyDictionary<string, JsonElement>? Settings = null,
    IReadOnlyDictionary<string, JsonElement>? Secrets = null)
{
    /// <exception cref="FormatException">A member is missing, or has a value of another type.</exception>
    public ContactPoint ToPoint(string name) => new(
        name,
        Kind ?? throw new FormatException("kind is missing."),
        Enabled,
        new(
            Texts("settings", Settings).Where(setting => setting.Value is not null)
                .ToDictionary(setting => setting.Key, setting => setting.Value!),
            new Dictionary<string, string>()));

    /// <inheritdoc cref="ToPoint"/>
    public IReadOnlyDictionary<string, string?> ToSecrets() => Texts("secrets", Secrets);

    private static Dictionary<string, string?> Texts(string member, IReadOnlyDictionary<string, JsonElement>? values) =>
        (values ?? new Dictionary<string, JsonElement>()).ToDictionary(
            value => value.Key,
            value => value.Value.ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.String => value.Value.GetString(),
                JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.Value.GetRawText(),
                _ => throw new FormatException($"{member}.{PrintableText.Escape(value.Key, 60)} must be a text, a number or a boolean."),
            });
}
