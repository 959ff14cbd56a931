using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using GrainSensors.Core.Text;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Invocation;

namespace GrainSensors.ContactPoints;

/// <summary><c>contacts</c>: who is notified of alerts, and what could not be delivered. Works through the API of a running silo.</summary>
internal static class ContactsCommand
{
    private const string Page = "notifications?state=dead&limit=1000";

    public static Command Create() => new(
        "contacts",
        $$"""
        Manage contact points, which are notified of alerts

        Works through the API of a running silo; an access key with the role admin is in {{SiloApi.KeyVariable}}.

          grainsensors contacts apply ops.yaml
          grainsensors contacts test ops
          grainsensors contacts list
          grainsensors contacts remove ops
          grainsensors contacts dead
          grainsensors contacts requeue --all

        Exit codes: 0 done, 2 the command could not run, 3 some contact points were rejected.
        """)
    {
        List(), Apply(), Test(), Remove(), Dead(), Requeue(),
    };

    private static Command List()
    {
        var (url, json) = (SiloApi.UrlOption(), CommonOptions.Json("Print the result as a JSON array"));
        var command = new Command("list", "List contact points, without the values of secrets") { json, url };
        command.SetAction((result, cancellationToken) => WithApiAsync(result.GetValue(url), async api =>
        {
            var contacts = await api.SendAsync(HttpMethod.Get, "contacts", cancellationToken);
            Print(contacts, result.GetValue(json), contact =>
            {
                var secrets = string.Join(", ", contact.GetProperty("secrets").EnumerateArray().Select(secret => secret.GetString()));
                return $"{Text(contact, "name")}  {Text(contact, "kind")}, {Text(contact, "source")}"
                    + (contact.GetProperty("enabled").GetBoolean() ? "" : ", disabled")
                    + string.Concat(contact.GetProperty("settings").EnumerateObject().Select(value => $", {value.Name}={value.Value}"))
                    + (secrets.Length == 0 ? "" : $", secrets {secrets}")
                    + (Text(contact, "problem") is { Length: > 0 } problem ? $": {problem}" : "");
            });
        }));
        return command;
    }

    private static Command Apply()
    {
        var url = SiloApi.UrlOption();
        var file = new Argument<string>("FILE") { Description = "YAML file, a document for each contact point; -: standard input" };
        var command = new Command("apply", "Add or replace the contact points of a file; others stay") { file, url };
        command.SetAction((result, cancellationToken) => WithApiAsync(result.GetValue(url), async api =>
        {
            var contacts = ContactFile.Read(result.GetRequiredValue(file));
            return await api.PutAllAsync(
                "contact point",
                "contacts",
                contacts.Select(contact => (contact.Name, (object)new
                {
                    kind = contact.Kind,
                    enabled = contact.Enabled,
                    settings = contact.Settings,
                    secrets = contact.Secrets,
                })),
                cancellationToken);
        }));
        return command;
    }

    private static Command Test()
    {
        var (url, name) = (SiloApi.UrlOption(), Name());
        var command = new Command("test", "Send a test message to a contact point") { name, url };
        command.SetAction((result, cancellationToken) => WithApiAsync(result.GetValue(url), async api =>
        {
            await api.SendAsync(HttpMethod.Post, $"contacts/{Uri.EscapeDataString(result.GetRequiredValue(name))}/test", cancellationToken);
            Console.WriteLine("The receiver has accepted the test message.");
        }));
        return command;
    }

    private static Command Remove()
    {
        var (url, name) = (SiloApi.UrlOption(), Name());
        var command = new Command("remove", "Remove a contact point; its pending notifications become dead") { name, url };
        command.SetAction((result, cancellationToken) => WithApiAsync(result.GetValue(url), async api =>
        {
            await api.SendAsync(HttpMethod.Delete, $"contacts/{Uri.EscapeDataString(result.GetRequiredValue(name))}", cancellationToken);
            Console.WriteLine($"Removed the contact point \"{PrintableText.Escape(result.GetRequiredValue(name))}\".");
        }));
        return command;
    }

    private static Command Dead()
    {
        var (url, json) = (SiloApi.UrlOption(), CommonOptions.Json("Print the result as a JSON array"));
        var command = new Command("dead", "List notifications that could not be delivered, latest first, 1000 at most") { json, url };
        command.SetAction((result, cancellationToken) => WithApiAsync(result.GetValue(url), async api =>
        {
            var page = await api.SendAsync(HttpMethod.Get, Page, cancellationToken);
            Print(page.GetProperty("items"), result.GetValue(json), row =>
                $"{Text(row, "notification_id")}  {Text(row, "contact")}, {About(row)} {Text(row, "event")}, "
                + $"{row.GetProperty("attempts")} attempts until {Text(row, "finished_at")}: {Text(row, "last_error")}");
        }));
        return command;
    }

    private static Command Requeue()
    {
        var url = SiloApi.UrlOption();
        var id = new Argument<Guid?>("ID")
        {
            Description = "Id of a notification, as `contacts dead` prints it",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var all = new Option<bool>("--all") { Description = "Send all dead notifications again" };
        var contact = new Option<string?>("--contact") { HelpName = "NAME", Description = "Send those of this contact point again" };
        var command = new Command("requeue", "Send dead notifications again") { id, all, contact, url };
        command.Validators.Add(result =>
        {
            if (new[] { result.GetResult(id)?.Tokens.Count > 0, result.GetResult(all) is not null, result.GetResult(contact) is not null }
                .Count(given => given) != 1)
            {
                result.AddError("Give one of ID, --all and --contact.");
            }
        });
        command.SetAction((result, cancellationToken) => WithApiAsync(result.GetValue(url), async api =>
        {
            var path = result.GetValue(id) is { } one ? $"notifications/{one}/requeue"
                : result.GetValue(contact) is { } name ? $"notifications/requeue?contact={Uri.EscapeDataString(name)}"
                : "notifications/requeue";
            var answer = await api.SendAsync(HttpMethod.Post, path, cancellationToken);
            var count = answer.GetProperty("requeued").GetInt32();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Requeued {count} notification{(count == 1 ? "" : "s")}."));
        }));
        return command;
    }

    private static Argument<string> Name() => new("NAME") { Description = "Name of the contact point" };

    private static Task<int> WithApiAsync(string? url, Func<SiloApi, Task> action) => WithApiAsync(url, async api =>
    {
        await action(api);
        return ExitCodes.Success;
    });

    private static async Task<int> WithApiAsync(string? url, Func<SiloApi, Task<int>> action)
    {
        using var api = new SiloApi(url);
        return await action(api);
    }

    private static string About(JsonElement row) =>
        Text(row, "group_id") is { Length: > 0 } group ? $"group {group}" : $"alert {Text(row, "alert_id")}";

    private static string Text(JsonElement item, string member) =>
        item.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static void Print(JsonElement items, bool isJson, Func<JsonElement, string> line)
    {
        if (isJson)
        {
            Console.WriteLine(items.GetRawText());
            return;
        }

        foreach (var item in items.EnumerateArray())
        {
            Console.WriteLine(PrintableText.Escape(line(item)));
        }
    }
}
