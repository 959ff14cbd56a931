using System.Text.Json;
using GrainSensors.Storage.Contacts;
using GrainSensors.Web.Changes;
using GrainSensors.Web.Formatting;
using GrainSensors.Web.Yaml;

namespace GrainSensors.Web.Console;

/// <summary>A contact point as the console lists it, without the values of its secrets.</summary>
/// <param name="Last">Its latest notification; null: none is stored.</param>
internal sealed record ContactLine(ContactBody Contact, StoredNotification? Last)
{
    /// <summary>The settings that say where messages go, the first one that a kind has.</summary>
    private static readonly string[] Targets = ["to", "topic", "url", "host"];

    public bool IsStored => Contact.Source == "store";

    public string Target => Targets.Select(name => Contact.Settings.GetValueOrDefault(name)).FirstOrDefault(value => value is not null)
        ?? (Contact.Secrets.Count > 0 ? "target is secret" : "no target");

    public string LastDelivery => Last switch
    {
        null => "nothing sent yet",
        { State: NotificationState.Sent, FinishedAt: { } at } => $"last sent {DisplayFormat.Time(at)} UTC",
        { State: NotificationState.Dead, FinishedAt: { } at } => $"last not delivered {DisplayFormat.Time(at)} UTC",
        { Attempts: 0 } => "a message is waiting",
        var pending => $"a message is waiting after {DisplayFormat.Plural(pending.Attempts, "attempt")}",
    };

    /// <returns>The contact point as YAML, without secrets: those that are absent stay as they are.</returns>
    public string ToYaml()
    {
        var document = new Dictionary<string, object> { ["name"] = Contact.Name, ["kind"] = Contact.Kind };
        if (!Contact.Enabled)
        {
            document["enabled"] = false;
        }

        document["settings"] = Contact.Settings;
        return YamlText.Of(JsonSerializer.SerializeToElement(document));
    }
}
