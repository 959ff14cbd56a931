using System.Text.RegularExpressions;
using GrainSensors.Contacts.Kinds;

namespace GrainSensors.Contacts.Points;

/// <summary>Checks contact points before they are stored or used.</summary>
public sealed partial class ContactRules(IEnumerable<IContactKind> kinds)
{
    public const string NameForm = "1 to 64 letters, digits, dots, dashes or underscores";

    /// <summary>Of all kinds.</summary>
    public const string Rate = "rate_per_minute";

    private const int MaxValue = 16_384;
    private static readonly ContactField RateField = ContactField.Number(Rate, 1, 6000);

    private readonly Dictionary<string, IContactKind> _kinds = kinds.ToDictionary(kind => kind.Name);

    public IEnumerable<string> Kinds => _kinds.Keys;

    public static bool IsName(string name) => Name().IsMatch(name);

    public IContactKind? Find(string kind) => _kinds.GetValueOrDefault(kind);

    /// <returns>A sentence for each fault, without values of secrets.</returns>
    public IEnumerable<string> Check(ContactPoint point)
    {
        if (!IsName(point.Name))
        {
            yield return $"name must be {NameForm}.";
        }

        if (Find(point.Kind) is not { } kind)
        {
            yield return $"kind must be one of {string.Join(", ", Kinds)}; got \"{Core.Text.PrintableText.Escape(point.Kind)}\".";
            yield break;
        }

        IReadOnlyList<ContactField> fields = [.. kind.Fields, RateField];
        foreach (var (name, value) in point.Values.Settings)
        {
            var field = fields.FirstOrDefault(field => field.Name == name);
            if (field is null)
            {
                yield return Unknown("settings", name, fields.Where(known => !known.IsSecret));
            }
            else if (field.IsSecret)
            {
                yield return $"{name} is a secret; move it from settings to secrets.";
            }
            else if (!IsValid(field, value))
            {
                yield return $"settings.{name} must be {field.Expected}; got \"{Core.Text.PrintableText.Escape(value, 100)}\".";
            }
        }

        foreach (var fault in CheckSecrets(point.Values, fields))
        {
            yield return fault;
        }

        foreach (var missing in fields.Where(field => field.IsRequired && point.Values.Find(field.Name) is null))
        {
            yield return $"{(missing.IsSecret ? "secrets" : "settings")}.{missing.Name} is missing; give {missing.Expected}.";
        }
    }

    private static IEnumerable<string> CheckSecrets(ContactValues values, IReadOnlyList<ContactField> fields)
    {
        foreach (var (name, value) in values.Secrets)
        {
            var field = fields.FirstOrDefault(field => field.Name == name && (field.IsSecret || field.MayBeSecret));
            if (field is null)
            {
                yield return Unknown("secrets", name, fields.Where(known => known.IsSecret || known.MayBeSecret));
            }
            else if (!IsValid(field, value))
            {
                yield return $"secrets.{name} must be {field.Expected}.";
            }
            else if (field.MayBeSecret && values.Settings.ContainsKey(name))
            {
                yield return $"{name} is in settings and in secrets; remove one.";
            }
        }
    }

    private static bool IsValid(ContactField field, string value) => value.Length <= MaxValue && field.IsValid(value);

    private static string Unknown(string where, string name, IEnumerable<ContactField> known) =>
        $"{where} must have the members {string.Join(", ", known.Select(field => field.Name))} only; "
        + $"got \"{Core.Text.PrintableText.Escape(name, 100)}\".";

    [GeneratedRegex("^[A-Za-z0-9._-]{1,64}$")]
    private static partial Regex Name();
}
