using System.Globalization;
using GrainSensors.Contacts;
using GrainSensors.Contacts.Delivery;
using GrainSensors.Contacts.Points;

namespace GrainSensors.Hosting.Configuration;

/// <summary>What follows from <see cref="PipelineOptions.Contacts"/> and <see cref="PipelineOptions.Notifications"/>.</summary>
/// <param name="Secrets">Null: no key is configured.</param>
internal sealed record ContactSettings(IReadOnlyList<ContactPoint> Points, SecretBox? Secrets, DeliverySettings Delivery)
{
    private const string Section = $"{ConfigurationSections.Root}:{nameof(PipelineOptions.Contacts)}";

    /// <param name="options">Valid options.</param>
    public static ContactSettings From(PipelineOptions options) => new(
        [.. options.Contacts.Select(PointOf)],
        options.Notifications.SecretKey is { } key ? new(key) : null,
        new(options.Notifications.PublicUrl?.AbsoluteUri.TrimEnd('/'), options.Notifications.MaxAttempts));

    /// <returns>A sentence for each fault, without secrets.</returns>
    public static IEnumerable<string> Check(PipelineOptions options)
    {
        if (options.Notifications.SecretKey is { } key && WhyNot(key) is { } reason)
        {
            yield return $"{NotificationOptions.Section}:{nameof(NotificationOptions.SecretKey)} {reason}";
        }

        var rules = ContactServices.CreateRules();
        foreach (var (index, contact) in options.Contacts.Index())
        {
            var section = string.Create(CultureInfo.InvariantCulture, $"{Section}:{index}");
            foreach (var failure in rules.Check(PointOf(contact)))
            {
                yield return $"{section}: {failure}";
            }
        }

        foreach (var repeated in options.Contacts.GroupBy(contact => contact.Name).Where(group => group.Count() > 1))
        {
            yield return $"{Section} has several elements with the Name \"{repeated.Key}\"; give each a name of its own.";
        }
    }

    /// <returns>A text without secrets.</returns>
    public override string ToString() => Section;

    private static ContactPoint PointOf(ContactOptions options) =>
        new(options.Name, options.Kind, options.Enabled, new(Lower(options.Settings), Lower(options.Secrets))) { IsConfigured = true };

    /// <summary>Keys of the configuration have no case.</summary>
    private static Dictionary<string, string> Lower(IReadOnlyDictionary<string, string> values) =>
        values.ToDictionary(value => value.Key.ToLowerInvariant(), value => value.Value);

    private static string? WhyNot(string key)
    {
        try
        {
            _ = new SecretBox(key);
            return null;
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }
}
