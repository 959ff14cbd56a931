using GrainSensors.Hosting.Maintenance;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Hosting.Logging;

/// <summary>Log events on standard error.</summary>
internal static class ConsoleLogging
{
    private const string TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>The log of a command: warnings, and what maintenance removed.</summary>
    /// <param name="log">Replaces standard error; null: standard error.</param>
    public static void AddCommandLog(this ILoggingBuilder logging, ILoggerProvider? log = null)
    {
        logging
            .SetMinimumLevel(LogLevel.Warning)
            .AddFilter("Orleans", LogLevel.Error)

            // Logs each retry; the partitions log an outage once.
            .AddFilter("Polly", LogLevel.Error)

            // These log a stack trace for each write of each grain, and for each service that a stop interrupts, while the store is
            // unavailable. The partitions and the end of the command tell that once.
            .AddFilter("GrainSensors.Hosting.Stores.SqliteGrainStorage", LogLevel.None)
            .AddFilter("Orleans.Storage.AdoNetGrainStorage", LogLevel.None)
            .AddFilter("Orleans.Grain", LogLevel.Critical)
            .AddFilter("Orleans.Runtime.ReminderService.LocalReminderService", LogLevel.Critical)
            .AddFilter("Orleans.Runtime.SiloLifecycleSubject", LogLevel.Critical)
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None)

            // These warn of each form that is sent without its cookie, and of the unencrypted keys of forms.
            .AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Error)
            .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error)
            .AddFilter(typeof(StoreMaintenance).FullName, LogLevel.Information);
        if (log is null)
        {
            logging.AddStandardError();
        }
        else
        {
            logging.AddProvider(log);
        }
    }

    /// <summary>Writes a line for each event to standard error.</summary>
    /// <param name="json">Each line is a JSON object with number, level and named values of the event.</param>
    public static void AddStandardError(this ILoggingBuilder logging, bool json = false)
    {
        logging.AddConsole(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        if (json)
        {
            logging.AddJsonConsole(options => (options.TimestampFormat, options.UseUtcTimestamp) = (TimestampFormat, true));
            return;
        }

        logging.AddSimpleConsole(options =>
            (options.SingleLine, options.TimestampFormat, options.UseUtcTimestamp) = (true, $"{TimestampFormat} ", true));
    }
}
