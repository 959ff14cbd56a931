using System.CommandLine;
using System.Text.Json;
using GrainSensors.Core.Text;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Invocation;
using GrainSensors.Web.Yaml;

namespace GrainSensors.Routes;

/// <summary><c>routes</c>: which contact points are told of which alerts. Works through the API of a running silo.</summary>
internal static class RoutesCommand
{
    public static Command Create() => new(
        "routes",
        $$"""
        Route alerts to contact points

        Works through the API of a running silo; an access key with the role admin is in {{SiloApi.KeyVariable}}.

          grainsensors routes apply routes.yaml
          grainsensors routes test kind=disconnected city=Valencia
          grainsensors routes show
          grainsensors routes remove
        """)
    {
        Show(), Apply(), Test(), Remove(),
    };

    private static Command Show()
    {
        var (url, json) = (SiloApi.UrlOption(), CommonOptions.Json("Print the result as a JSON object, with the version"));
        var command = new Command("show", "Print the routes as YAML") { json, url };
        command.SetAction((result, cancellationToken) => WithApiAsync(result.GetValue(url), async api =>
        {
            var answer = await api.SendAsync(HttpMethod.Get, "routes", cancellationToken);
            Console.WriteLine(
                result.GetValue(json) ? answer.GetRawText()
                : answer.GetProperty("routes") is { ValueKind: JsonValueKind.Object } routes ? RoutesYaml.Of(routes)
                : "There are no routes: every contact point is told of every alert.");
        }));
        return command;
    }

    private static Command Apply()
    {
        var url = SiloApi.UrlOption();
        var file = new Argument<string>("FILE") { Description = "YAML file with the routes; -: standard input" };
        var version = new Option<int?>("--version-was")
        {
            HelpName = "N",
            Description = "Refuse if the current version is another one, as `routes show --json` prints it",
        };
        var command = new Command("apply", "Replace the routes by those of a file") { file, version, url };
        command.SetAction((result, cancellationToken) => WithApiAsync(result.GetValue(url), async api =>
        {
            var routes = RouteFile.Read(result.GetRequiredValue(file));
            var answer = await api.SendAsync(HttpMethod.Put, "routes", cancellationToken, routes, result.GetValue(version));
            Console.WriteLine($"Applied version {answer.GetProperty("version")} of the routes.");
        }));
        return command;
    }

    private static Command Test()
    {
        var (url, json) = (SiloApi.UrlOption(), CommonOptions.Json("Print the result as a JSON array"));
        var labels = new Argument<string[]>("LABEL=VALUE")
        {
            Description = "Labels of an alert, such as kind=disconnected",
            Arity = ArgumentArity.OneOrMore,
        };
        var file = new Option<string?>("--file") { HelpName = "FILE", Description = "Test the routes of a file, and not the current ones" };
        var command = new Command("test", "Print the contact points that an alert with given labels would reach")
        {
            labels, file, json, url,
        };
        command.Validators.Add(result =>
        {
            foreach (var label in (result.GetValue(labels) ?? []).Where(label => label.IndexOf('=', StringComparison.Ordinal) < 1))
            {
                result.AddError($"A label must be LABEL=VALUE, such as kind=disconnected; got \"{PrintableText.Escape(label)}\".");
            }
        });
        command.SetAction((result, cancellationToken) => WithApiAsync(result.GetValue(url), async api =>
        {
            var given = result.GetRequiredValue(labels).Select(label => label.Split('=', 2))
                .GroupBy(pair => pair[0]).ToDictionary(pairs => pairs.Key, pairs => pairs.Last()[1]);
            var routes = result.GetValue(file) is { } path ? RouteFile.Read(path) : (JsonElement?)null;
            var answer = await api.SendAsync(HttpMethod.Post, "routes/test", cancellationToken, new { labels = given, routes });
            var items = answer.GetProperty("items");
            foreach (var line in result.GetValue(json) ? [items.GetRawText()] : items.EnumerateArray().Select(Line))
            {
                Console.WriteLine(line);
            }
        }));
        return command;
    }

    private static Command Remove()
    {
        var url = SiloApi.UrlOption();
        var command = new Command("remove", "Remove the routes: every contact point is told of every alert") { url };
        command.SetAction((result, cancellationToken) => WithApiAsync(result.GetValue(url), async api =>
        {
            await api.SendAsync(HttpMethod.Delete, "routes", cancellationToken);
            Console.WriteLine("Removed the routes.");
        }));
        return command;
    }

    /// <returns><c>{}/{city="Valencia"}  ops, boss; group city=Valencia; after 15 m night; muted</c>.</returns>
    private static string Line(JsonElement item)
    {
        var contacts = Names(item);
        var group = item.GetProperty("group") is { ValueKind: JsonValueKind.Object } labels
            ? $"; group {string.Join(' ', labels.EnumerateObject().Select(label => $"{label.Name}={label.Value}"))}"
            : "";
        var steps = string.Concat(item.GetProperty("steps").EnumerateArray().Select(
            step => $"; after {step.GetProperty("after_seconds").GetDouble() / 60:0.##} m {Names(step)}"));
        var route = item.GetProperty("route") is { ValueKind: JsonValueKind.String } key ? key.GetString() : "no routes";
        var muted = item.GetProperty("muted").GetBoolean() ? "; muted" : "";
        return PrintableText.Escape($"{route}  {(contacts.Length == 0 ? "nobody" : contacts)}{group.TrimEnd()}{steps}{muted}");
    }

    private static string Names(JsonElement item) =>
        string.Join(", ", item.GetProperty("contacts").EnumerateArray().Select(contact => contact.GetString()));

    private static async Task<int> WithApiAsync(string? url, Func<SiloApi, Task> action)
    {
        using var api = new SiloApi(url);
        await action(api);
        return ExitCodes.Success;
    }
}
