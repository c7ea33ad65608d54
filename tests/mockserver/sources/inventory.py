"""An inventory of a fleet, kept from its events alone, that complains of whatever cannot be.

It knows the wire and nothing of the simulation.
"""

from __future__ import annotations

from typing import Any

LEGAL = {
    "stopped": {"starting"},
    "starting": {"running", "stopped", "unknown"},
    "running": {"stopping", "suspending", "paused", "stopped", "unknown"},
    "paused": {"running", "stopped", "unknown"},
    "stopping": {"stopped", "unknown"},
    "suspending": {"suspended", "unknown"},
    "suspended": {"resuming"},
    "resuming": {"running", "unknown"},
    "unknown": {"stopped"},
}
"""Running to stopped is a crash, starting to stopped a boot that failed."""


def vm_from(told: dict[str, Any]) -> dict[str, Any]:
    hardware = told["Hardware"]
    return {
        "name": told["Name"],
        "os": told["OS"],
        "cpus": hardware["cpu"]["cpus"],
        "memory": int(hardware["memory"]["size"].removesuffix("Mb")),
        "state": told["State"],
        "uptime": None,
        "snapshots": [],
    }


class VmInventory:
    """What becomes of VMs: the part that the bodies of ``pdfm`` tell."""

    def __init__(self) -> None:
        self.vms: dict[str, dict[str, Any]] = {}

    def take(self, message: str, body: dict[str, Any]) -> None:
        match message:
            case "VM_ADDED":
                assert body["vm_id"] not in self.vms
                assert body["new_vm"]["ID"] == body["vm_id"]
                self.vms[body["vm_id"]] = vm_from(body["new_vm"])
            case "VM_UPDATED":
                known = self.vms[body["vm_id"]]
                told = vm_from(body["new_vm"])
                assert told["state"] == known["state"]
                known |= {key: told[key] for key in ("name", "os", "cpus", "memory")}
            case "VM_REMOVED":
                assert self.vms.pop(body["vm_id"])["state"] in ("stopped", "suspended")
            case "VM_STATE_CHANGED":
                known = self.vms[body["vm_id"]]
                assert known["state"] == body["previous_state"]
                assert body["current_state"] in LEGAL[body["previous_state"]]
                known["state"] = body["current_state"]
                if known["state"] not in ("running", "paused"):
                    known["uptime"] = None
            case "VM_UPTIME_CHANGED":
                known = self.vms[body["vm_id"]]
                # What was told of one that is paused now is told to newcomers again.
                assert known["state"] in ("running", "paused")
                assert int(body["uptime"]) >= int(known["uptime"] or 0)
                known["uptime"] = body["uptime"]
            case "VM_SNAPSHOTS_UPDATED":
                snapshots: list[dict[str, Any]] = body["snapshots"] or []
                assert len(current_ones(snapshots)) <= 1
                self.vms[body["vm_id"]]["snapshots"] = snapshots
            case _:
                assert message == "MAC_VMS_RUNNING_NOW"
                assert all(self.vms[vm]["state"] == "running" for vm in body["mac_vms_running"])


def current_ones(snapshots: list[dict[str, Any]], parent: str = "") -> list[str]:
    """IDs of the snapshots that are said to be current; each must know the one that it is inside of."""
    found: list[str] = []
    for snapshot in snapshots:
        assert snapshot["parent"] == parent
        found += [snapshot["id"]] if snapshot["current"] else []
        found += current_ones(snapshot["children"], snapshot["id"])
    return found


class FleetInventory:
    """Hosts with their VMs: what ``orchestrator`` and ``system`` tell."""

    def __init__(self) -> None:
        self.hosts: dict[str, dict[str, Any]] = {}
        self._vms: dict[str, VmInventory] = {}

    def take(self, event: dict[str, Any]) -> None:
        message, body = event["message"], event["body"]
        if message == "HOST_ADDED":
            assert body["host_id"] not in self.hosts
            self._vms[body["host_id"]] = VmInventory()
            self.hosts[body["host_id"]] = {
                "address": body["host"],
                "description": body["description"],
                "is_deployed": False,
                "state": "unknown",
                "health": None,
                "stream": None,
                "mac_vms_running": [],
                "vms": self._vms[body["host_id"]].vms,
            }
            return
        host = self.hosts[body["host_id"]]
        match message:
            case "HOST_DEPLOYED":
                assert not host["is_deployed"]
                host["is_deployed"] = True
            case "HOST_REMOVED":
                assert host["vms"] == {}
                assert host["stream"] == "disconnected"
                del self.hosts[body["host_id"]]
            case "HOST_STATE_CHANGED":
                assert body["previous_state"] == host["state"] != body["current_state"]
                host["state"] = body["current_state"]
            case "HOST_HEALTH_UPDATE":
                assert host["health"] != body["state"]
                host["health"] = body["state"]
            case "HOST_WEBSOCKET_CONNECTED" | "HOST_WEBSOCKET_DEGRADED" | "HOST_WEBSOCKET_DISCONNECTED":
                assert host["is_deployed"]
                host["stream"] = message.removeprefix("HOST_WEBSOCKET_").lower()
            case "HOST_STATS_UPDATE":
                running = [vm for vm in host["vms"].values() if vm["state"] == "running"]
                assert body["stats"]["vms_running"] == len(running)
                assert body["stats"]["memory_used_mb"] == sum(vm["memory"] for vm in running)
            case "HOST_LOGS_UPDATE":
                assert "stopped unexpectedly" in body["log"]["message"]
            case "HOST_MAC_VMS_RUNNING_NOW":
                host["mac_vms_running"] = body["event"]["mac_vms_running"]
            case _:
                if message == "HOST_VM_ADDED":
                    assert not any(body["event"]["vm_id"] in other["vms"] for other in self.hosts.values())
                self._vms[body["host_id"]].take(message.removeprefix("HOST_"), body["event"])
