using System.CommandLine;
using GrainSensors.Core.Text;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Stores;
using GrainSensors.Invocation;
using GrainSensors.Storage;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Sessions;

/// <summary><c>session</c>: lists and ends the sessions of people who are logged in.</summary>
internal static class SessionCommand
{
    public static Command Create() => new(
        "session",
        """
        List and end log-in sessions

        Silos refuse an ended session within seconds. While `run` uses a SQLite store, send
        DELETE /api/v1/sessions/ID to its API instead.

          grainsensors session list
          grainsensors session end 0193a5c2-7c1e-7a40-9d53-3f6d2a9b5e10
        """)
    {
        List(), End(),
    };

    private static Command List()
    {
        var store = Store();
        var json = CommonOptions.Json("Print the result as a JSON array");
        var command = new Command("list", "List the sessions") { json, store };
        command.SetAction((result, cancellationToken) => WithStoreAsync(result.GetValue(store), async database =>
        {
            var sessions = (await database.Access.Sessions.ReadAsync(cancellationToken)).Select(session => new
            {
                session.Id,
                session.Name,
                Role = session.IsAdmin ? "admin" : "read",
                session.Address,
                CreatedAt = EpochTime.ToIso8601(session.CreatedAt),
                SeenAt = EpochTime.ToIso8601(session.SeenAt),
                ExpiresAt = EpochTime.ToIso8601(session.ExpiresAt),
            }).ToList();
            if (result.GetValue(json))
            {
                Console.WriteLine(JsonOutput.Of(sessions));
                return;
            }

            foreach (var session in sessions)
            {
                Console.WriteLine(PrintableText.Escape(
                    $"{session.Id}  {session.Name} ({session.Role}) from {session.Address} since {session.CreatedAt}, "
                    + $"last seen {session.SeenAt}"));
            }
        }, cancellationToken));
        return command;
    }

    private static Command End()
    {
        var store = Store();
        var id = new Argument<string>("ID") { Description = "Id of the session, as `session list` prints it" };
        var command = new Command("end", "End a session") { id, store };
        command.SetAction((result, cancellationToken) => WithStoreAsync(result.GetValue(store), async database =>
        {
            var text = result.GetRequiredValue(id);
            if (!Guid.TryParse(text, out var session)
                || await database.Access.Sessions.EndAsync(session, cancellationToken) is not { } ended)
            {
                throw new UsageException(
                    $"The session \"{text}\" is unknown or has ended; `grainsensors session list` prints the sessions.");
            }

            await database.RecordAsync(AuditActions.SessionEnd, $"{session}", $"of {ended.Name}", cancellationToken);
            Console.WriteLine($"Ended a session of {PrintableText.Escape(ended.Name)} in {database.Description}.");
        }, cancellationToken));
        return command;
    }

    private static Option<string?> Store() => CommonOptions.Store($"Store of the sessions {CommonOptions.FromConfiguration}");

    private static async Task<int> WithStoreAsync(string? store, Func<IStore, Task> action, CancellationToken cancellationToken)
    {
        var settings = PipelineSettings.Load(CommonOptions.Overrides(("Store", store)));
        await using var database = await StoreFactory.OpenExistingAsync(settings, cancellationToken);
        await action(database);
        return ExitCodes.Success;
    }
}
