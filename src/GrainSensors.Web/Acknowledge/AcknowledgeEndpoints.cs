using System.Globalization;
using GrainSensors.Contacts.Acknowledgement;
using GrainSensors.Hosting.Access;
using GrainSensors.Storage.Alerts;
using GrainSensors.Web.Access;
using GrainSensors.Web.Changes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Web.Acknowledge;

/// <summary>
/// The page behind the link of a message. The link is the permission, so nobody logs in. Mail scanners and previews of chats open links:
/// only the button of the page acknowledges.
/// </summary>
internal static class AcknowledgeEndpoints
{
    /// <summary>A name and a note of the longest kind, each character as nine.</summary>
    private const int MaxFormBytes = 32 * 1024;

    public static IServiceCollection AddAcknowledgePage(this IServiceCollection services) =>
        services.AddSingleton<IAcknowledgeSeal, ProtectedSeal>();

    public static void MapAcknowledgePage(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(AcknowledgeLinks.Path, (Delegate)ShowAsync).AllowAnonymous().ExcludeFromDescription().WithHead();
        routes.MapPost(AcknowledgeLinks.Path, (Delegate)AcknowledgeAsync).AllowAnonymous().ExcludeFromDescription()
            .WithMetadata(new RequestSizeLimitAttribute(MaxFormBytes));
    }

    private static async Task<IResult> ShowAsync(HttpContext context, AlertAcknowledger acknowledger)
    {
        var token = context.Request.Query[AcknowledgeLinks.TokenField].ToString();
        return Page(context, new(token, await acknowledger.FindAsync(token, context.RequestAborted)));
    }

    /// <remarks>A page of another site cannot know the token, so the form needs no further one.</remarks>
    private static async Task<IResult> AcknowledgeAsync(HttpContext context, AlertAcknowledger acknowledger, AuditTrail audit)
    {
        var form = await FormBody.ReadAsync(context);
        var token = form[AcknowledgeLinks.TokenField].ToString();
        var (person, note) = (TextOf(form, AcknowledgeView.PersonField), TextOf(form, AcknowledgeView.NoteField));
        var linked = await acknowledger.FindAsync(token, context.RequestAborted);
        var view = new AcknowledgeView(token, linked) { Person = person, Note = note };
        if (linked.State != LinkState.Valid || linked.Waiting.Count == 0)
        {
            return Page(context, view);
        }

        var trouble = Acknowledgement.Refuse("Your name", person, Acknowledgement.MaxName)
            ?? Acknowledgement.Refuse("Note", note, Acknowledgement.MaxNote);
        if (trouble is not null)
        {
            return Page(context, view with { Trouble = trouble });
        }

        // The client may leave, and the audit log must know.
        var acknowledged = await acknowledger.AcknowledgeAsync(linked, person, note, CancellationToken.None);
        if (acknowledged.Count > 0)
        {
            await AuditAsync(context, audit, linked.Ticket!, acknowledged, person);
        }

        return Page(context, new(token, await acknowledger.FindAsync(token, CancellationToken.None)) { Acknowledged = acknowledged });
    }

    private static string? TextOf(IFormCollection form, string field) =>
        form[field].ToString().Trim() is { Length: > 0 } text ? text : null;

    private static Task AuditAsync(
        HttpContext context, AuditTrail audit, AcknowledgeTicket ticket, IReadOnlyList<Alert> acknowledged, string? person)
    {
        var count = ticket.IsGroup ? string.Create(CultureInfo.InvariantCulture, $"{acknowledged.Count} of the group") : null;
        var detail = string.Join(", ", new[] { count, person is null ? null : $"for {person}" }.OfType<string>());
        return audit.WriteAsync(
            new(AlertAcknowledger.ActorOf(ticket), AccessActor.AddressOf(context)), AuditActions.Acknowledge, $"{ticket.Id}",
            detail.Length == 0 ? null : detail);
    }

    private static RazorComponentResult<AcknowledgePage> Page(HttpContext context, AcknowledgeView view)
    {
        context.Response.Headers.CacheControl = "no-store";

        // Of the address, which has the token, no request names more than the origin. Without it the form would send `Origin: null`.
        context.Response.Headers["Referrer-Policy"] = "strict-origin";
        return new(new { View = view })
        {
            StatusCode = view switch
            {
                { Trouble: not null } => StatusCodes.Status400BadRequest,
                { Linked.State: LinkState.Valid } => StatusCodes.Status200OK,
                { Linked.State: LinkState.Invalid } => StatusCodes.Status404NotFound,
                _ => StatusCodes.Status410Gone,
            },
        };
    }
}
