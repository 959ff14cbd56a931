using GrainSensors.Core.Time;
using GrainSensors.Storage.Contacts;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Contacts.Acknowledgement;

/// <summary>Makes the links by which the receiver of a message acknowledges its alerts.</summary>
/// <param name="publicUrl">Address of the console, without a slash at its end; null: messages have no links.</param>
/// <param name="seal">Null: this process serves no pages.</param>
public sealed partial class AcknowledgeLinks(
    string? publicUrl, IAcknowledgeSeal? seal, TimeProvider clock, ILogger<AcknowledgeLinks> logger)
{
    public const string Path = "/acknowledge";

    /// <summary>The field of the query and of the form that has the ticket.</summary>
    public const string TokenField = "token";

    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    /// <summary>No token is longer: a name has 64 characters.</summary>
    private const int MaxToken = 1024;

    /// <returns>The address of the page that acknowledges the alerts of a message; null: it has no such link.</returns>
    public string? Of(NewNotification added)
    {
        if (publicUrl is null || seal is null || added.Event == NotificationEvent.Cleared)
        {
            return null;
        }

        var ticket = new AcknowledgeTicket(
            added.GroupId is not null, added.AlertId, added.Occurrence, added.Contact,
            EpochTime.Now(clock) + EpochTime.From(Lifetime));
        try
        {
            return $"{publicUrl}{Path}?{TokenField}={seal.Seal(ticket.ToBytes())}";
        }
        catch (Exception e)
        {
            // A message without the link is better than none.
            LogNoLink(logger, added.Contact, e.Message);
            return null;
        }
    }

    /// <returns>The ticket, which may have expired; null: the token is invalid.</returns>
    public AcknowledgeTicket? Open(string token) =>
        token.Length is > 0 and <= MaxToken && seal?.Open(token) is { } content ? AcknowledgeTicket.FromBytes(content) : null;

    public bool IsExpired(AcknowledgeTicket ticket) => EpochTime.Now(clock) >= ticket.ExpiresAt;

    [LoggerMessage(
        3233, LogLevel.Warning, "A message to the contact point {Contact} has no link to acknowledge it, as no key protects it: {Reason}")]
    private static partial void LogNoLink(ILogger logger, string contact, string reason);
}
