using System.Security.Claims;
using System.Text.Encodings.Web;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Web.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GrainSensors.Web.Access;

/// <summary>Authenticates requests by access key (a bearer token or <c>X-Api-Key</c>) or by the session of the log-in page.</summary>
internal sealed class AccessHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    Authenticator authenticator,
    FailedLogIns failed)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public new const string Scheme = "key";

    /// <summary>The seconds until a retry while the store of the sessions is unavailable.</summary>
    private const int OutageRetry = 5;

    private AccessDecision _decision = AccessDecision.Nothing;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        _decision = await authenticator.DecideAsync(Context, Context.RequestAborted);
        if (_decision.Failure is not null)
        {
            await failed.RecordAsync(Context);
        }

        return _decision switch
        {
            { Name: { } name } => AuthenticateResult.Success(Ticket(name, _decision)),
            { Failure: { } failure } => AuthenticateResult.Fail(failure),
            _ => AuthenticateResult.NoResult(),
        };
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        await HandleAuthenticateOnceSafeAsync();
        if (_decision.IsUnavailable)
        {
            await Context.WriteProblemAsync(
                StatusCodes.Status503ServiceUnavailable,
                $"The session or the key cannot be checked, because its store is unavailable; retry after {OutageRetry} s.",
                OutageRetry);
            return;
        }

        if (LogIn.IsForPerson(Request))
        {
            Response.Redirect(LogIn.PathFor(Request));
            return;
        }

        Response.Headers.WWWAuthenticate = "Bearer";
        await Context.WriteProblemAsync(
            StatusCodes.Status401Unauthorized,
            _decision.Failure
                ?? $"An access key is required. Send it as `Authorization: Bearer KEY` or `{Authenticator.KeyHeader}: KEY`.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Context.WriteProblemAsync(
        StatusCodes.Status403Forbidden,
        Context.User.IsInRole(AccessPolicies.SendRole)
            ? $"The device key \"{Context.User.Identity?.Name}\" may only send readings; this request requires an access key."
            : $"The access key \"{Context.User.Identity?.Name}\" is read-only; this request requires a key with the role admin.");

    private AuthenticationTicket Ticket(string name, AccessDecision decision)
    {
        List<Claim> claims = [new(ClaimTypes.Name, name), AccessActor.Address(Context)];
        if (decision.Device is { } device)
        {
            claims.AddRange([new(ClaimTypes.Role, AccessPolicies.SendRole), Sender.ClaimOf(device.Scope)]);
        }
        else
        {
            claims.Add(new(ClaimTypes.Role, AccessPolicies.ReadRole));
            if (decision.Role == AccessRole.Admin)
            {
                claims.Add(new(ClaimTypes.Role, AccessPolicies.AdminRole));
            }
        }

        return new(new(new ClaimsIdentity(claims, Scheme)), Scheme);
    }
}
