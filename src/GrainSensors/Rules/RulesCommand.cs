using System.CommandLine;
using System.Text.Json;
using GrainSensors.Core.Text;
using GrainSensors.Csv;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Invocation;
using GrainSensors.Replay;
using GrainSensors.RuleFiles;

namespace GrainSensors.Rules;

/// <summary><c>rules</c>: alert rules as data. <c>test</c> works on a recording, the others through the API of a running silo.</summary>
internal static class RulesCommand
{
    public static Command Create() => new(
        "rules",
        $$"""
        Manage alert rules as data, and test them on recordings

        list, apply and remove work through the API of a running silo; an access key with the role admin is in {{SiloApi.KeyVariable}}.

          grainsensors rules test rules.yaml --recording library.csv
          grainsensors rules apply rules.yaml
          grainsensors rules list
          grainsensors rules remove warm

        Silos apply changes within 5 s. Exit codes: 0 done, 2 the command could not run, 3 some rules or lines were rejected.
        """)
    {
        List(), Apply(), Test(), Remove(),
    };

    private static Command List()
    {
        var (url, json) = (SiloApi.UrlOption(), CommonOptions.Json("Print the result as a JSON array"));
        var command = new Command("list", "List the rules") { json, url };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = new SiloApi(result.GetValue(url));
            var rules = await api.SendAsync(HttpMethod.Get, "rules", cancellationToken);
            if (result.GetValue(json))
            {
                Console.WriteLine(rules.GetRawText());
                return ExitCodes.Success;
            }

            foreach (var row in rules.EnumerateArray())
            {
                Console.WriteLine(PrintableText.Escape(Line(row)));
            }

            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Apply()
    {
        var (url, file) = (SiloApi.UrlOption(), File());
        var command = new Command("apply", "Add or replace the rules of a file; others stay") { file, url };
        command.SetAction(async (result, cancellationToken) =>
        {
            var rules = RuleFile.Read(result.GetRequiredValue(file));
            using var api = new SiloApi(result.GetValue(url));
            return await api.PutAllAsync(
                "rule", "rules", rules.Select(rule => (rule.Id, (object)rule.Json)), cancellationToken);
        });
        return command;
    }

    private static Command Remove()
    {
        var url = SiloApi.UrlOption();
        var id = new Argument<string>("ID") { Description = "Id of the rule" };
        var command = new Command("remove", "Remove a rule and clear its open alerts") { id, url };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = new SiloApi(result.GetValue(url));
            await api.SendAsync(HttpMethod.Delete, $"rules/{Uri.EscapeDataString(result.GetRequiredValue(id))}", cancellationToken);
            Console.WriteLine($"Removed the rule \"{PrintableText.Escape(result.GetRequiredValue(id))}\".");
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Test()
    {
        var file = File();
        var recording = new Option<string>("--recording")
        {
            HelpName = "FILE",
            Description = "CSV file as `replay` takes it, also in gzip",
            Required = true,
        };
        var from = CommonOptions.Time("--from", "Alerts raised at or after this time; earlier readings only prepare the rules");
        var to = CommonOptions.Time("--to", "Readings before this time");
        var store = CommonOptions.Store("Store whose registry has the tags that rules select");
        var (csv, times, json) = (new CsvOptions(), new TimeOptions(), CommonOptions.Json());
        var command = new Command("test", "Print what the rules of a file would have raised over a recording")
        {
            file, recording, from, to, store, csv.Columns, csv.Encoding, times.Format, times.Zone, json,
        };
        command.SetAction((result, cancellationToken) =>
        {
            var settings = PipelineSettings.Load(CommonOptions.Overrides(("Store", result.GetValue(store))));
            var request = new RuleTestRequest(
                result.GetRequiredValue(file),
                new(result.GetRequiredValue(recording), csv.Of(result), result.GetValue(times.Format), result.GetValue(times.Zone)),
                result.GetValue(from) ?? long.MinValue,
                result.GetValue(to) ?? long.MaxValue,
                HasStore: result.GetValue(store) is not null,
                result.GetValue(json));
            return new RuleTestRun(settings, request, TimeProvider.System).RunAsync(cancellationToken);
        });
        return command;
    }

    private static Argument<string> File() => new("FILE")
    {
        Description = "YAML file, a document for each rule; -: standard input",
    };

    private static string Line(JsonElement row)
    {
        var rule = row.GetProperty("rule");
        var isEnabled = !rule.TryGetProperty("enabled", out var enabled) || enabled.ValueKind != JsonValueKind.False;
        var problem = row.TryGetProperty("problem", out var text) && text.ValueKind == JsonValueKind.String ? $": {text}" : "";
        return $"{row.GetProperty("id")}  {rule.GetProperty("kind")}, version {row.GetProperty("version")} "
            + $"of {row.GetProperty("changed_at")} by {row.GetProperty("changed_by")}{(isEnabled ? "" : ", disabled")}{problem}";
    }
}
